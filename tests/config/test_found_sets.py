from datetime import timedelta

import pytest
from django.utils import timezone

from config import found_sets
from config.found_sets import SearchTooSlow, UnknownFoundSet, Viewer
from config.models import FoundSet, FoundSetChunk
from students.models import Profile
from tests.factories import ProfileFactory

pytestmark = pytest.mark.django_db

ME = Viewer("client", "f00000x", ["read", "write"])
BY_NETID = Profile.objects.order_by("netid")


@pytest.fixture
def people():
    for netid in "fabedcg":
        ProfileFactory(id=netid, netid=netid)


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(found_sets, "CHUNK", 3)


def find(rows=BY_NETID, viewer=ME, skip=0, limit=2, **options):
    asked = {"collection": "people", "viewer": viewer, "skip": skip, "limit": limit}
    return found_sets.find(rows, **asked, **{"seconds": 9, **options})


def read(key, viewer=ME, collection="people", skip=0, limit=2):
    return found_sets.read(
        key, collection=collection, viewer=viewer, skip=skip, limit=limit
    )


@pytest.mark.usefixtures("people", "small_chunks")
class TestWalk:
    def test_it_finds_the_first_page_and_counts_all(self):
        found = find()
        assert (found.total, found.ids) == (7, ["a", "b"])

    def test_it_finds_a_page_in_the_middle(self):
        assert find(skip=2).ids == ["c", "d"]

    @pytest.mark.parametrize(
        ("skip", "limit", "ids"),
        [
            (0, 2, ["a", "b"]),
            (2, 2, ["c", "d"]),
            (4, 2, ["e", "f"]),
            (6, 2, ["g"]),
            (8, 2, []),
            (10**21, 1000, []),
            (0, 7, ["a", "b", "c", "d", "e", "f", "g"]),
            (1, 5, ["b", "c", "d", "e", "f"]),
        ],
    )
    def test_it_goes_on_by_key_in_pages_of_any_size(self, skip, limit, ids):
        found = find()
        page = read(found.key, skip=skip, limit=limit)
        assert (page.key, page.total, page.ids) == (found.key, 7, ids)

    def test_it_stays_as_it_was_found(self):
        key = find().key
        Profile.objects.filter(pk="b").delete()
        ProfileFactory(id="aa", netid="aa")
        assert read(key, skip=0).ids == ["a", "b"]
        assert read(key, skip=2).ids == ["c", "d"]
        assert read(key).total == 7

    def test_it_keeps_no_set_of_a_single_page(self):
        found = find(limit=7)
        assert found.total == 7
        assert FoundSet.objects.count() == 0
        with pytest.raises(UnknownFoundSet):
            read(found.key)

    def test_it_finds_nothing(self):
        found = find(Profile.objects.filter(netid="z").order_by("netid"))
        assert (found.total, found.ids) == (0, [])

    def test_it_finds_nothing_where_nothing_can_be(self):
        assert find(Profile.objects.filter(pk__in=[])).total == 0

    def test_it_makes_keys_of_128_random_bits(self):
        first, second = find().key, find().key
        assert len(bytes.fromhex(first)) == 16
        assert first != second

    @pytest.mark.parametrize(
        "viewer",
        [
            Viewer("other", "f00000x", ["read", "write"]),
            Viewer("client", "f00000y", ["read", "write"]),
            Viewer("client", "f00000x", ["read"]),
            Viewer("client", "f00000x", ["read", "write", "more"]),
        ],
    )
    def test_it_is_unknown_to_another_caller_and_with_other_scopes(self, viewer):
        key = find().key
        with pytest.raises(UnknownFoundSet):
            read(key, viewer=viewer)

    def test_it_knows_the_same_scopes_in_another_order(self):
        key = find().key
        assert read(key, viewer=Viewer("client", "f00000x", ["write", "read"])).total

    def test_it_is_unknown_to_another_collection(self):
        key = find().key
        with pytest.raises(UnknownFoundSet):
            read(key, collection="things")

    @pytest.mark.parametrize("key", ["", "x", "0" * 32, "é" * 40, "' OR 1=1 --"])
    def test_it_does_not_know_a_key_that_it_never_made(self, key):
        with pytest.raises(UnknownFoundSet) as refusal:
            read(key)
        assert refusal.value.field == "continuation_key"

    def test_it_ends_after_12_hours(self):
        key = find().key
        FoundSet.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        with pytest.raises(UnknownFoundSet):
            read(key)

    def test_it_lasts_for_12_hours(self):
        find()
        lasts = FoundSet.objects.get().expires_at - timezone.now()
        assert timedelta(hours=11, minutes=59) < lasts <= timedelta(hours=12)

    def test_it_keeps_20_sets_of_a_client_and_drops_the_oldest(self):
        other = find(viewer=Viewer("other", "f00000x", [])).key
        keys = [find().key for _ in range(21)]
        with pytest.raises(UnknownFoundSet):
            read(keys[0])
        assert read(keys[1]).total == read(keys[20]).total == 7
        assert FoundSet.objects.filter(client_id="client").count() == 20
        assert not FoundSetChunk.objects.filter(found_set=keys[0]).exists()
        assert read(other, viewer=Viewer("other", "f00000x", [])).total == 7

    def test_it_drops_what_has_ended_of_any_client(self):
        old = find(viewer=Viewer("other", "f00000x", [])).key
        FoundSet.objects.update(expires_at=timezone.now())
        new = find().key
        assert [*FoundSet.objects.values_list("pk", flat=True)] == [new]
        assert not FoundSetChunk.objects.filter(found_set=old).exists()

    def test_it_takes_two_statements_for_the_first_page_and_one_for_others(
        self, django_assert_num_queries
    ):
        with django_assert_num_queries(2):
            key = find().key
        with django_assert_num_queries(1):
            read(key, skip=2)
        with django_assert_num_queries(1):
            find(limit=7)


@pytest.mark.django_db(transaction=True)
def test_it_gives_up_a_search_that_takes_too_long(people):
    slow = Profile.objects.extra(where=["pg_sleep(1) IS NOT NULL"]).order_by("netid")
    with pytest.raises(SearchTooSlow, match="add one that leaves fewer"):
        find(slow, seconds=1)
    assert FoundSet.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_it_bounds_its_own_statement_only(people):
    assert find(seconds=7).total == 7
    with found_sets.connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() != ("7s",)
