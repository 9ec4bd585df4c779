import pytest

from config.addresses import celery_broker, django_database


def test_it_reads_a_url_as_libpq_does():
    assert django_database(
        "postgresql://clerk:s%3Acret@db.example:5433/registry?sslmode=require"
    ) == {
        "NAME": "registry",
        "USER": "clerk",
        "PASSWORD": "s:cret",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


def test_it_reads_a_socket_folder_with_a_space():
    assert django_database("postgresql://clerk@/registry?host=%2Fa%20b") == {
        "NAME": "registry",
        "USER": "clerk",
        "HOST": "/a b",
        "OPTIONS": {},
    }


@pytest.mark.parametrize(
    "url",
    [
        "mysql://clerk:secret@db.example/registry",
        "postgresql://clerk:secret@db.example",
        "host=db.example password=secret dbname=registry",
    ],
)
def test_it_refuses_what_is_no_postgresql_url_and_shows_no_password(url):
    with pytest.raises(ValueError, match="^it is not like postgresql://") as raised:
        django_database(url)

    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "celery"),
    [
        ("redis://:pw@broker.example:6379/1", "redis://:pw@broker.example:6379/1"),
        ("rediss://broker.example/0", "rediss://broker.example/0"),
        ("unix://:pw@/a%20b/s?db=3", "redis+socket://:pw@/a%20b/s?virtual_host=3"),
        ("unix:///run/s", "redis+socket:///run/s?virtual_host=0"),
        ("", ""),
        (
            "redis://:word@broker:6379?db=3&ssl_cert_reqs=none",
            "redis://:word@broker:6379/3?ssl_cert_reqs=none",
        ),
        ("rediss://broker/0?db=2", "rediss://broker/2"),
    ],
)
def test_it_gives_celery_the_same_broker(url, celery):
    assert celery_broker(url) == celery
