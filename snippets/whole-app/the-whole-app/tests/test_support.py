"""Who hears what in the support chat."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_socketio import SocketIOTestClient

from myapp import create_app, support
from myapp.extensions import db
from myapp.models import Chat
from myapp.support import NAMESPACE

from .conftest import Connect

CUSTOMER, AGENT, OTHER = 1, 2, 3


def ask(
    client: SocketIOTestClient, event: str, *arguments: object
) -> dict[str, str]:
    """Send an event and give what the server answers."""
    answer = client.emit(
        event, *arguments, callback=True, namespace=NAMESPACE
    )
    assert isinstance(answer, dict)
    return answer


def heard(client: SocketIOTestClient) -> list[object]:
    """Give what a client has been sent since it was asked last."""
    return [packet["args"][0] for packet in client.get_received(NAMESPACE)]


@pytest.fixture(autouse=True)
def chats(app: Flask) -> None:
    """Let two customers talk to the agent."""
    with app.app_context():
        for customer in (CUSTOMER, OTHER):
            db.session.add(Chat(customer_id=customer, agent_id=AGENT))
        db.session.commit()


def test_both_sides_hear_what_is_said(connect: Connect) -> None:
    """Who has joined hears all that is said, by others and by themselves."""
    customer, agent = connect(CUSTOMER), connect(AGENT)
    joined = [ask(one, "join", {"chat": 1}) for one in (customer, agent)]
    answer = ask(customer, "say", {"chat": 1, "text": "Is it fresh?"})

    expected = [{"chat": 1, "by": CUSTOMER, "text": "Is it fresh?"}]
    assert ([{}, {}], {}) == (joined, answer)
    assert [expected, expected] == [heard(customer), heard(agent)]


def test_strangers_are_refused(connect: Connect) -> None:
    """Without a login there is no connection."""
    assert [False, True] == [
        connect(user_id).is_connected(NAMESPACE) for user_id in (None, OTHER)
    ]


def test_nobody_enters_the_chat_of_others(connect: Connect) -> None:
    """A chat that is not yours is like one that is not there."""
    customer, other = connect(CUSTOMER), connect(OTHER)
    answers = [ask(other, "join", {"chat": number}) for number in (1, 7)]
    ask(customer, "say", {"chat": 1, "text": "My card is 4111"})

    assert [{"error": "no such chat"}] * 2 == answers
    assert [] == heard(other)


def test_nobody_speaks_in_the_chat_of_others(connect: Connect) -> None:
    """What a stranger says there is told to nobody."""
    customer, other = connect(CUSTOMER), connect(OTHER)
    ask(customer, "join", {"chat": 1})
    answer = ask(other, "say", {"chat": 1, "text": "Your PIN, please"})

    assert ({"error": "no such chat"}, []) == (answer, heard(customer))


def test_who_hands_a_chat_over_hears_no_more(
    app: Flask, connect: Connect
) -> None:
    """The agent before is told, and then neither hears nor speaks."""
    customer, agent = connect(CUSTOMER), connect(AGENT)
    ask(customer, "join", {"chat": 1})
    ask(agent, "join", {"chat": 1})
    with app.app_context():
        support.hand_over(db.session.get_one(Chat, 1), OTHER)
    told = [heard(customer), heard(agent)]
    ask(customer, "join", {"chat": 1})
    answers = [
        ask(one, "say", {"chat": 1, "text": "Hello?"})
        for one in (customer, agent)
    ]

    assert [[{"chat": 1}], [{"chat": 1}]] == told
    assert [{}, {"error": "no such chat"}] == answers
    expected = [{"chat": 1, "by": CUSTOMER, "text": "Hello?"}]
    assert [expected, []] == [heard(customer), heard(agent)]


def test_a_fault_at_connect_lets_nobody_in(
    app: Flask, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever could not be checked is refused."""
    monkeypatch.setattr(support, "session", None)

    assert not connect(CUSTOMER).is_connected(NAMESPACE)


def test_two_shops_have_two_chats(app: Flask, connect: Connect) -> None:
    """A second shop in the process changes nothing in the first."""
    customer = connect(CUSTOMER)
    create_app({"SECRET_KEY": "another", "TESTING": True})
    ask(customer, "join", {"chat": 1})
    ask(connect(AGENT), "say", {"chat": 1, "text": "Hello"})

    expected = {"chat": 1, "by": AGENT, "text": "Hello"}
    assert [expected] == heard(customer)


def test_the_server_is_as_we_said(app: Flask, client: FlaskClient) -> None:
    """A handshake tells of WebSockets and of how much may be sent."""
    handshake = client.get("/socket.io/?EIO=4&transport=polling").text

    assert "threading" == app.extensions["socketio"].async_mode
    assert '"upgrades":["websocket"]' in handshake
    assert '"maxPayload":10000' in handshake
