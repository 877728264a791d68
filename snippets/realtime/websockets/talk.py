"""Two people of one chat, through a real server."""

import os
import sys
from importlib import import_module
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from myapp import create_app
from myapp.extensions import db
from myapp.models import Chat

client_library: Any = import_module("socketio")


def cookie(app: Flask, user_id: int) -> str:
    """Make the cookie that a login would have set."""
    signer: Any = SecureCookieSessionInterface().get_signing_serializer(app)
    return f"session={signer.dumps({'user_id': user_id})}"


def main(transport: str) -> None:
    """Let the customer ask, and show what the agent hears."""
    app = create_app()
    with app.app_context():
        db.create_all()
        db.session.add(chat := Chat(customer_id=1, agent_id=2))
        db.session.commit()
        number = chat.id
    url = f"http://127.0.0.1:{os.environ['FLASK_RUN_PORT']}"
    client = client_library.SimpleClient
    with client() as customer, client() as agent:
        for user_id, person in enumerate((customer, agent), 1):
            person.connect(
                url,
                headers={"Cookie": cookie(app, user_id)},
                transports=[transport],
                namespace="/support",
            )
            person.call("join", {"chat": number})
        customer.call("say", {"chat": number, "text": "Is it fresh?"})
        _, heard = agent.receive()
        print(agent.transport, heard["text"])


main(sys.argv[1])
