"""Clients and keys, as somebody registered them."""

import factory

from access.keys import make_key
from access.models import Client, Key


class ClientFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Client

    name = factory.Sequence(lambda number: f"System {number}")


class KeyFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Key

    class Params:
        new = factory.LazyFunction(make_key)

    client = factory.SubFactory(ClientFactory)
    prefix = factory.LazyAttribute(lambda key: key.new.prefix)
    digest = factory.LazyAttribute(lambda key: key.new.digest)


def make_secret(**attributes) -> str:
    """The secret of a new key; `client__scopes=[...]` says what it may."""
    new = make_key()
    KeyFactory(new=new, **attributes)
    return new.secret
