"""Subscribers through any sequence of events, held against a model that is simple enough to be read."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, Engine, text

from newsletter import addresses, lists, subscribers
from newsletter.magazine import Magazine
from newsletter.tokens import Tokens

TOKENS = Tokens(["k" * 32])
MAGAZINE = Magazine(
    name="M", lang="sv", url="https://m.example", categories=(("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"))
)
DAY, WEEK = 86_400.0, 7 * 86_400.0
WHO = st.sampled_from(["anna@x.example", "Anna@X.example", "åsa@ö.example"])
CHOICES = st.sets(st.sampled_from("abcd"))


@dataclass
class Person:
    """What is known of one mailbox."""

    standing: str = "absent"
    before: str = "absent"
    choice: str = ""
    version: str = ""
    asked: str = ""
    """The version of a sign-up that is not confirmed, where another was known before."""
    consent_at: float | None = None
    signed: float = 0.0


@dataclass
class Model:
    people: dict[str, Person] = field(default_factory=dict)
    barred: set[str] = field(default_factory=set)

    def __getitem__(self, key: str) -> Person:
        return self.people.setdefault(key, Person())

    def sign_up(self, key: str, choice: str, version: str, now: float) -> None:
        person = self[key]
        if key in self.barred or person.standing == "active":
            return
        if person.standing == "absent":
            person.version = version
        else:
            person.asked = version
        if person.standing != "pending":
            person.before = person.standing
        person.standing, person.choice, person.signed = "pending", choice, now

    def confirm(self, key: str, now: float) -> None:
        person = self[key]
        if person.standing == "pending":
            person.standing, person.before, person.consent_at = "active", "absent", now
            person.version, person.asked = person.asked or person.version, ""

    def end(self, key: str, standing: str) -> None:
        if self[key].standing in ("pending", "active"):
            self[key].standing, self[key].before, self[key].asked = standing, "absent", ""

    def erase(self, key: str, bar: bool) -> None:
        self.people[key] = Person()
        if bar:
            self.barred.add(key)

    def sweep(self, now: float) -> None:
        for key, person in self.people.items():
            if person.standing == "pending" and person.signed < now - WEEK:
                if person.before == "absent":
                    self.people[key] = Person()
                else:
                    person.standing, person.before, person.asked = person.before, "absent", ""

    def take(self, key: str, choice: str, consent_at: float) -> None:
        person = self[key]
        first_time = person.standing == "absent" or (person.standing == "pending" and person.before == "absent")
        if first_time and key not in self.barred:
            self.people[key] = Person("active", "absent", choice, "old", consent_at=consent_at)


class Standings(RuleBasedStateMachine):
    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.connection: Connection = self.engine.connect().execution_options(writing=True)
        self.transaction = self.connection.begin()
        self.model = Model()
        self.now = 20_000 * DAY
        self.sent: list[tuple[int, str, str]] = []
        """To whom letters went, of which day and kind."""

    def teardown(self) -> None:
        self.transaction.rollback()
        self.connection.close()

    def ref(self, key: str) -> str:
        found = self.connection.execute(text("SELECT ref FROM subscriber WHERE address_key = :key"), {"key": key})
        return str(found.scalar() or "nobody")

    @rule(who=WHO, choice=CHOICES, version=st.sampled_from(["1", "2"]))
    def sign_up(self, who: str, choice: set[str], version: str) -> None:
        mailbox, chosen = addresses.parse(who), MAGAZINE.choice(choice)
        values: dict[str, Any] = {"choice": chosen, "version": version, "lang": "sv", "now": self.now}
        subscribers.sign_up(self.connection, TOKENS, mailbox, **values)
        self.model.sign_up(mailbox.key, chosen, version, self.now)

    @rule(who=WHO)
    def confirm(self, who: str) -> None:
        key = addresses.parse(who).key
        active = subscribers.confirm(self.connection, self.ref(key), self.now)
        self.model.confirm(key, self.now)
        assert active == (self.model[key].standing == "active")

    @rule(who=WHO, choice=CHOICES)
    def choose(self, who: str, choice: set[str]) -> None:
        key, chosen = addresses.parse(who).key, MAGAZINE.choice(choice)
        changed = subscribers.choose(self.connection, self.ref(key), chosen)
        assert changed == (self.model[key].standing == "active")
        if changed:
            self.model[key].choice = chosen

    @rule(who=WHO)
    def leave(self, who: str) -> None:
        key = addresses.parse(who).key
        changed = subscribers.leave(self.connection, self.ref(key), self.now)
        assert changed == (self.model[key].standing in ("pending", "active"))
        self.model.end(key, "left")

    @rule(who=WHO)
    def suppress(self, who: str) -> None:
        key = addresses.parse(who).key
        subscribers.suppress(self.connection, self.ref(key), "bounced", self.now)
        self.model.end(key, "suppressed")

    @rule(who=WHO, bar=st.sampled_from([False, False, True]))
    def erase(self, who: str, bar: bool) -> None:
        mailbox = addresses.parse(who)
        there = subscribers.erase(self.connection, TOKENS, mailbox, bar=bar, now=self.now)
        assert there == (self.model[mailbox.key].standing != "absent")
        self.model.erase(mailbox.key, bar)

    @rule(who=WHO, choice=CHOICES)
    def take(self, who: str, choice: set[str]) -> None:
        mailbox, chosen = addresses.parse(who), MAGAZINE.choice(choice)
        sheet = f"address,choice,consent_version,consent_at\n{who},{chosen},old,2020-01-01\n"
        entries, faults = lists.read(io.StringIO(sheet), MAGAZINE, self.now)
        assert faults == []
        lists.take(self.connection, TOKENS, entries)
        self.model.take(mailbox.key, chosen, 1_577_836_800.0)

    @rule()
    def sweep(self) -> None:
        subscribers.sweep(self.connection, self.now, WEEK)
        self.model.sweep(self.now)

    @rule(days=st.sampled_from([0.01, 1, 4, 8]))
    def wait(self, days: float) -> None:
        self.now += days * DAY

    @rule()
    def send_letters(self) -> None:
        """As the worker does: to who is pending or active still."""
        waiting = self.connection.execute(
            text("""
                SELECT subscriber.id, standing, mailing, variant
                FROM delivery JOIN subscriber ON subscriber.id = delivery.subscriber
                WHERE state = 'pending'
                """)
        )
        for row in waiting.all():
            if row.variant == {"pending": "confirm/sv", "active": "known/sv"}.get(row.standing):
                self.sent.append((row.id, row.mailing, row.variant))
        self.connection.execute(text("UPDATE delivery SET state = 'accepted' WHERE state = 'pending'"))

    @invariant()
    def both_agree(self) -> None:
        rows = self.connection.execute(
            text("""
                SELECT address_key, standing, before, choice, consent_version, asked_version, consent_at
                FROM subscriber
                """)
        )
        found = {row.address_key: (row.standing, row.before or "absent", *row[3:]) for row in rows}
        expected = {
            key: (person.standing, person.before, person.choice, person.version, person.asked, person.consent_at)
            for key, person in self.model.people.items()
            if person.standing != "absent"
        }
        assert found == expected

    @invariant()
    def nobody_barred_is_there(self) -> None:
        assert not [key for key in self.model.barred if self.model[key].standing != "absent"]

    @invariant()
    def one_letter_of_a_kind_a_day(self) -> None:
        assert len(self.sent) == len(set(self.sent))


def test_any_sequence_of_events_ends_as_the_model_says(engine: Engine) -> None:
    Standings.engine = engine
    run_state_machine_as_test(
        Standings,
        settings=settings(
            max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
