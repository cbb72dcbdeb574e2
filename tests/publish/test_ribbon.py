import re
from collections import Counter
from xml.etree import ElementTree

import pytest

from pyfuncs.functions import CATALOGUE
from pyfuncs.functions.catalogue import FAMILIES
from pyfuncs.hosts.excel.commands import COMMANDS
from pyfuncs.publish.ribbon import CALLBACK, NAMESPACE, ribbon
from pyfuncs.publish.vba import call
from tests.publish.vba_modules import ROOT, public_subs, sources

TAB = ElementTree.parse(ROOT / "addin" / "ribbon.xml").getroot()
CONTROLS = [element for element in TAB.iter() if element.get("id")]
BUTTONS = [element for element in CONTROLS if element.tag == f"{{{NAMESPACE}}}button"]

# Each seen in ribbons of Excel add-ins or in a list of images asked of Excel by name; a name that Excel does not know
# shows no image and says nothing.
IMAGES = {
    "AcceptInvitation", "ErrorChecking", "FileNew", "FileSaveAsExcelXlsx", "FunctionWizard", "Help", "HyperlinkInsert",
    "Info", "RefreshAll",
}  # fmt: skip


def label(element):
    return element.get("label") or element.get("title")


def test_every_control_has_an_id_of_its_own_that_names_focal():
    ids = [element.get("id") for element in CONTROLS]
    assert [each for each, times in Counter(each.lower() for each in ids).items() if times > 1] == []
    assert [each for each in ids if not re.fullmatch(r"focal[A-Za-z0-9_]+", each)] == []
    named = {"tab", "group", "button", "menu", "menuSeparator"}
    assert {element.tag.split("}")[1] for element in CONTROLS} == named
    assert [element for element in TAB.iter() if element.tag.split("}")[1] in named] == CONTROLS


def test_every_callback_is_a_sub_of_the_add_in_with_the_signature_of_a_button():
    callbacks = {value for element in TAB.iter() for key, value in element.items() if re.match(r"on|get", key)}
    assert callbacks == {CALLBACK}
    assert public_subs(sources())[CALLBACK] == ["control As IRibbonControl"]
    assert all(button.get("onAction") == CALLBACK for button in BUTTONS)


def test_the_tags_are_the_commands_and_every_function_can_be_inserted_once():
    tags = [button.get("tag") for button in BUTTONS]
    assert {tag.partition(" ")[0] for tag in tags} == set(COMMANDS)
    assert [tag.removeprefix("insert ") for tag in tags if tag.startswith("insert ")] == list(CATALOGUE)
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_function_in_the_menu_shows_its_call_and_what_it_gives(name):
    (item,) = [button for button in BUTTONS if button.get("tag") == f"insert {name}"]
    assert item.get("label") == name
    assert item.get("screentip") == call(CATALOGUE[name])
    assert item.get("supertip") == CATALOGUE[name].summary


def test_the_menu_is_divided_by_family():
    (menu,) = [element for element in CONTROLS if element.tag.endswith("}menu")]
    families, shown = [], {}
    for item in menu:
        if item.tag.endswith("menuSeparator"):
            families.append(item.get("title"))
        else:
            shown[item.get("label")] = families[-1]
    assert families == list(FAMILIES)
    assert shown == {name: function.family for name, function in CATALOGUE.items()}


def test_images_are_those_that_excel_has():
    assert {element.get("imageMso") for element in CONTROLS if element.get("imageMso")} <= IMAGES
    outside_the_menu = [button for button in BUTTONS if not button.get("tag").startswith("insert ")]
    assert all(button.get("imageMso") for button in outside_the_menu)


def test_key_tips_differ_and_stay_clear_of_the_menu_keys_of_old():
    tips = [element.get("keytip") for element in CONTROLS if element.get("keytip")]
    assert len(set(tips)) == len(tips)
    assert all(re.fullmatch(r"[A-Z0-9]{1,3}", tip) for tip in tips)
    assert not any(one != other and one.startswith(other) for one in tips for other in tips)
    (tab,) = [element for element in CONTROLS if element.tag.endswith("}tab")]
    assert tab.get("keytip") not in "FEVIOTDWHNPMARLUXYJQS"
    at_hand = [element for element in CONTROLS if element.get("tag") in COMMANDS or element.tag.endswith("}menu")]
    assert all(element.get("keytip") for element in at_hand)


def test_every_button_says_what_it_does_within_what_office_shows():
    for element in (*BUTTONS, *(each for each in CONTROLS if each.tag.endswith("}menu"))):
        assert 0 < len(element.get("screentip")) <= 1024
        assert 0 < len(element.get("supertip")) <= 250
        assert element.get("supertip").endswith(".")
        assert 0 < len(element.get("label")) <= 25
        assert element.get("screentip") != element.get("label")
    assert all(label(element) for element in CONTROLS)


def test_the_tab_is_called_focal_and_begins_with_refit():
    (tab,) = [element for element in CONTROLS if element.tag.endswith("}tab")]
    assert tab.get("label") == "Focal"
    assert [group.get("label") for group in tab] == ["Model", "Functions", "Share", "Help"]
    assert BUTTONS[0].get("tag") == "refit"
    assert BUTTONS[0].get("size") == "large"


def test_a_tip_with_signs_of_xml_is_written_as_text(monkeypatch):
    function = CATALOGUE["CLV_GINI"]
    monkeypatch.setattr(function.body, "__doc__", 'From <0> & "up".')
    root = ElementTree.fromstring(ribbon().encode())
    assert 'From <0> & "up".' in {element.get("supertip") for element in root.iter()}
