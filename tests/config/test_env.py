import pytest
from django.core.exceptions import ImproperlyConfigured

from config.env import Env


def test_it_reads_values_by_type():
    env = Env({"NAME": "x", "COUNT": "3", "IS_ON": "yes", "HOSTS": "a, b,"})

    assert env.text("NAME") == "x"
    assert env.integer("COUNT", 1) == 3
    assert env.flag("IS_ON") is True
    assert env.words("HOSTS") == ["a", "b"]
    assert env.parsed("COUNT", float, 0.0) == 3.0


def test_it_falls_back_to_the_default():
    env = Env({})

    assert env.text("NAME", "x") == "x"
    assert env.integer("COUNT", 1) == 1
    assert env.flag("IS_ON") is False
    assert env.words("HOSTS", ["a"]) == ["a"]
    assert env.parsed("COUNT", float, 0.5) == 0.5


def test_it_reads_a_secret_from_a_file(tmp_path):
    (tmp_path / "secret").write_text("hidden\n")

    assert Env({"KEY_FILE": str(tmp_path / "secret")}).text("KEY") == "hidden"


def test_it_reports_all_faults_at_once(tmp_path):
    env = Env({"COUNT": "x", "IS_ON": "perhaps", "RATE": "", "KEY_FILE": "/none"})
    env.text("NAME")
    env.integer("COUNT", 1)
    env.flag("IS_ON")
    env.text("KEY")

    with pytest.raises(ImproperlyConfigured) as raised:
        env.check()

    assert str(raised.value) == (
        "NAME is not set; COUNT must be a whole number, not 'x'; "
        "IS_ON must be true or false, not 'perhaps'; "
        "KEY_FILE cannot be read: [Errno 2] No such file or directory: '/none'"
    )
