"""The sheet Acquisition, filled from a log with channels, with costs typed beside them, and without channels."""

import numpy as np
import pytest

from pyfuncs.hosts.command_line import main
from pyfuncs.workbook.package import Package
from tests.analysis.test_acquisition import simulated
from tests.support.recalculation import checked
from tests.support.typed import typed_beside

NAMES = ("store", "web", "=1+1", "fair", "mail")


def write_log(path, names=NAMES, sizes=(120, 200, 60, 12, 6)):
    rng = np.random.default_rng(2)
    factors = [np.exp(0.3 * rng.standard_normal(len(sizes))) for _ in range(3)]
    log, _ = simulated(7, sizes, *factors)
    rows = log.rows[["customer_id", "date", "amount", "channel"]]
    names = {f"channel {g}": name for g, name in enumerate(names)}
    rows.assign(channel=rows["channel"].map(names), amount=rows["amount"].round(2)).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("channels")
    log, book = write_log(folder / "log.csv"), folder / "book.xlsx"
    assert main(["refit", str(log), "--output", str(book), "--cac", "9", "--margin", "0.3", "--quiet"]) == 0
    return book


def rows_of(package, name):
    return [row for row in package.read_name(name) if row[0] not in (None, "")]


def test_every_formula_agrees_and_the_channels_stand_by_size(libreoffice, filled):
    package = checked(libreoffice, filled)
    channels = rows_of(package, "AcquisitionChannels")
    assert [row[0] for row in channels] == ["web", "store", "=1+1", "fair", "mail", "All"]
    assert [row[1] for row in channels] == [200, 120, 60, 12, 6, 398]
    assert {row[6] for row in channels} == {9}
    for name, _, value, low, high, ceiling, cac, after, room, *_, verdict in channels:
        assert low <= ceiling <= value <= high, name
        assert (after, room) == pytest.approx((value - cac, ceiling - cac))
        assert verdict == ("worth it" if low >= 9 else "not worth it" if high < 9 else "cannot tell")
    assert [row[0] for row in package.read_table("tblChannelCosts")] == ["web", "store", "=1+1", "fair", "mail"]
    card = rows_of(package, "Scorecard")
    assert [row[0] for row in card[-2:]] == ["others (under 10 customers)", "All"]
    assert sum(row[4] for row in card[:-1]) == pytest.approx(card[-1][4])
    assert str(package.read_name("VerdictSays")).endswith("the data cannot tell.")


def test_a_cost_typed_beside_a_channel_counts_at_once_and_is_kept(libreoffice, filled, tmp_path):
    path = typed_beside(filled, "tblChannelCosts", {"store": 400.0, "=1+1": 0}, tmp_path / "typed.xlsx")
    cells = libreoffice.cells(path, texts=False)["Acquisition"]
    assert [cells[f"H{row}"].value for row in range(10, 15)] == [9, 400, 0, 9, 9]
    assert cells["M11"].value == "not worth it"
    assert cells["H22"].value == pytest.approx((200 * 9 + 120 * 400 + 18 * 9) / 398)
    assert main(["refit", str(path), "--quiet"]) == 0
    package = checked(libreoffice, path)
    channels = {row[0]: row for row in rows_of(package, "AcquisitionChannels")}
    assert channels["store"][6] == 400
    assert channels["store"][10] < channels["web"][10]  # paid back in 12 months
    assert dict(package.read_table("tblChannelCosts"))["store"] == 400


def test_costs_follow_their_channel_when_the_order_changes(filled, tmp_path):
    package = Package.open(
        typed_beside(filled, "tblChannelCosts", {"store": 4.0, "mail": 2.0}, tmp_path / "typed.xlsx")
    )
    lost = package.fill_table("tblChannelCosts", {"channel": ["store", "web", "fair"]}, 3, keep_by="channel").lost
    package.save(tmp_path / "after.xlsx")
    after = Package.open(tmp_path / "after.xlsx")
    assert after.read_table("tblChannelCosts") == [["store", 4.0], ["web", None], ["fair", None]]
    assert lost == [{"channel": "mail", "cac": 2.0}]


def test_what_is_no_cost_is_refused_by_name(filled, tmp_path, capsys):
    path = typed_beside(filled, "tblChannelCosts", {"web": "dear"}, tmp_path / "typed.xlsx")
    assert main(["refit", str(path), "--quiet"]) != 0
    assert "cost of web: dear is not a cost" in " ".join(capsys.readouterr().err.split())


def test_more_channels_than_rows_are_one_row(libreoffice, tmp_path):
    names = [f"channel {n:02d}" for n in range(15)]
    log = write_log(tmp_path / "many.csv", names, [40 - 2 * n for n in range(15)])
    book = tmp_path / "book.xlsx"
    assert main(["refit", str(log), "--output", str(book), "--quiet"]) == 0
    package = checked(libreoffice, book)
    channels = rows_of(package, "AcquisitionChannels")
    assert len(channels) == 13
    assert channels[11][:2] == ["all other channels", 18 + 16 + 14 + 12]
    assert sum(row[1] for row in channels[:-1]) == channels[-1][1] == 390
    assert "CAC is 0" in str(package.read_name("VerdictSays"))


def test_a_log_cut_out_of_longer_histories_is_told_to_be(tmp_path):
    rows = [
        (f"c{n}", f"2023-{month:02d}-{1 + n % 27:02d}", 10) for n in range(300) for month in range(1, 13, 1 + n % 5)
    ]
    rows += [(f"d{n}", f"2023-{1 + n % 12:02d}-15", 10) for n in range(180)]
    log = tmp_path / "cut.csv"
    log.write_text("\n".join(["customer,date,amount", *(",".join(map(str, row)) for row in rows)]), encoding="utf-8")
    assert main(["refit", str(log), "--output", str(tmp_path / "cut.xlsx"), "--quiet"]) == 0
    package = Package.open(tmp_path / "cut.xlsx")
    assert "The log begins in the midst" in str(package.read_name("AcquisitionCovers"))
    notes = " ".join(str(package.read_name(f"Note{row}")) for row in range(1, 13))
    assert "is said of the log, not of the whole relationship" in notes
    assert "The log begins in the midst" in str(package.read_name("DriftSays"))


def test_without_channels_one_sentence_says_what_to_add_and_cohorts_show(demo):
    package = Package.open(demo)
    assert "add it as the column channel" in str(package.read_name("AcquisitionSays"))
    assert [row[0] for row in rows_of(package, "AcquisitionChannels")] == ["All"]
    assert [row[0] for row in rows_of(package, "AcquisitionCohorts")] == ["1997-01", "1997-02", "1997-03", "All"]
    assert rows_of(package, "Scorecard") == []
    assert package.read_name("PricingSays") in (None, "")
    assert package.read_table("tblChannelCosts") == [[None, None]]
