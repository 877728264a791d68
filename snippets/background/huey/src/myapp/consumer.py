"""What `huey_consumer myapp.consumer.huey` runs."""

from . import create_app

huey = create_app().extensions["place"].huey
