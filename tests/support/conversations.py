"""Holding a conversation with a command of the ribbon, in place of Excel."""

from pyfuncs.hosts.excel.conversation import Ask, Conversation, Input, Progress


def drive(conversation: Conversation, *answers: str) -> tuple[list[Progress | Ask | Input], str]:
    """Run a command to its end, answering its questions in order; returns what it said and its closing sentence."""
    said: list[Progress | Ask | Input] = []
    waiting, answer = list(answers), ""
    try:
        message = next(conversation)
        while True:
            said.append(message)
            if isinstance(message, Progress):
                answer = ""
            else:
                assert waiting, f"asked without an answer: {message.text}"
                answer = waiting.pop(0)
            message = conversation.send(answer)
    except StopIteration as finished:
        assert not waiting, f"questions never asked: {waiting}"
        return said, finished.value
