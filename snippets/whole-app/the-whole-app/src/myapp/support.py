"""The support chat: customers and agents, live."""

from typing import Annotated, Any, Self

from flask import Flask, current_app, request, session
from flask_login import current_user
from flask_socketio import SocketIO, close_room, emit, join_room
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import or_

from .extensions import db
from .models import Chat

NAMESPACE = "/support"


def bind(app: Flask) -> None:
    """Give a shop its chat."""
    socketio = SocketIO()
    socketio.on_event("connect", connect, namespace=NAMESPACE)
    socketio.on_event("join", join, namespace=NAMESPACE)
    socketio.on_event("say", say, namespace=NAMESPACE)
    socketio.on_error(NAMESPACE)(answer_error)
    socketio.init_app(
        app,
        async_mode="threading",
        cors_allowed_origins=app.config["SOCKET_ORIGINS"],
        max_http_buffer_size=app.config["SOCKET_MESSAGE_BYTES"],
        message_queue=app.config["MESSAGE_QUEUE"],
    )


class Sent(BaseModel):
    """What a client sends: one object, with these members and no other."""

    model_config = ConfigDict(extra="forbid", strict=True)

    chat: Annotated[int, Field(gt=0, lt=2**31)]

    @classmethod
    def of(cls, arguments: tuple[object, ...]) -> Self:
        """Take the one argument of an event."""
        only = arguments[0] if len(arguments) == 1 else None
        return cls.model_validate(only)


class Saying(Sent):
    """Something said in a chat."""

    text: Annotated[str, Field(min_length=1, max_length=1000)]


def connect(auth: object) -> bool:
    """Let in who has logged in here, and still is."""
    return "_user_id" in session and current_user.is_authenticated


def join(*arguments: object) -> dict[str, str]:
    """Let somebody hear a chat that is theirs."""
    chat = find(Sent.of(arguments).chat)
    if chat is None:
        return {"error": "no such chat"}
    join_room(chat.room)
    return {}


def say(*arguments: object) -> dict[str, str]:
    """Tell everybody in a chat what one of its two people says."""
    saying = Saying.of(arguments)
    chat = find(saying.chat)
    if chat is None:
        return {"error": "no such chat"}
    said = {"chat": chat.id, "by": current_user.id, "text": saying.text}
    emit("said", said, to=chat.room)
    return {}


def find(number: int) -> Chat | None:
    """Give a chat, if whoever asks takes part in it and is logged in."""
    user_id = current_user.id if current_user.is_authenticated else 0
    theirs = or_(Chat.customer_id == user_id, Chat.agent_id == user_id)
    wanted = db.select(Chat).where(Chat.id == number, theirs)
    return db.session.scalars(wanted).one_or_none()


def hand_over(chat: Chat, agent_id: int) -> None:
    """Give a chat to another agent; who is in it has to join again."""
    chat.agent_id = agent_id
    db.session.commit()
    emit("moved", {"chat": chat.id}, to=chat.room, namespace=NAMESPACE)
    close_room(chat.room, NAMESPACE)


def answer_error(error: BaseException) -> dict[str, str] | bool:
    """Answer what a handler raised; at connect only False is a no."""
    if isinstance(error, ValidationError):
        return {"error": "not understood"}
    current_app.logger.error("in the support chat", exc_info=error)
    asked: Any = request  # Flask-SocketIO adds the event to it
    if asked.event["message"] == "connect":
        return False
    return {"error": "failed"}
