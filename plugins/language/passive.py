"""The passive voice where it hides who decides: "beslutades", "har genomförts", "blev beviljad".

Many Swedish verbs in -s are no passives (hoppas, finns, minnas, trivs), many passives hide nobody ("mötet hålls"), and
many nouns end in -s. So only forms of the verbs below count, those by which somebody decides, examines or gives, and
only where no one is named with "av".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from plugins.language.prose import Word

FIRST_CONJUGATION = (
    "analysera beakta bekosta betrakta bevilja besluta delegera dokumentera effektivisera etablera finansiera "
    "formulera granska hantera identifiera implementera informera initiera inventera kommunicera "
    "konstatera kontakta kontrollera meddela motivera organisera prioritera rapportera reglera rekommendera remittera "
    "revidera samordna tilldela tillämpa underrätta uppmana uppmärksamma upphandla utarbeta utbetala utforma utvärdera "
    "verifiera åtgärda återremittera överlämna överklaga"
).split()  # fmt: skip

OTHERS = """
anse anser ansåg ansett ansedd
avge avger avgav avgett avgiven
avslå avslår avslog avslagit avslagen
avvisa avvisar avvisade avvisat avvisad
avveckla avvecklar avvecklade avvecklat avvecklad
bedöma bedömer bedömde bedömt bedömd
bereda bereder beredde berett -
bestämma bestämmer bestämde bestämt -
bordlägga bordlägger bordlade bordlagt bordlagd
erbjuda erbjuder erbjöd erbjudit erbjuden
fastställa fastställer fastställde fastställt fastställd
framföra framför framförde framfört framförd
förutsätta förutsätter förutsatte förutsatt förutsatt
genomföra genomför genomförde genomfört genomförd
godkänna godkänner godkände godkänt godkänd
handlägga handlägger handlade handlagt handlagd
hänskjuta hänskjuter hänsköt hänskjutit hänskjuten
införa inför införde infört införd
kartlägga kartlägger kartlade kartlagt kartlagd
säkerställa säkerställer säkerställde säkerställt säkerställd
tillhandahålla tillhandahåller tillhandahöll tillhandahållit tillhandahållen
tillsätta tillsätter tillsatte tillsatt tillsatt
tydliggöra tydliggör tydliggjorde tydliggjort tydliggjord
undersöka undersöker undersökte undersökt undersökt
upprätta upprättar upprättade upprättat upprättad
utföra utför utförde utfört utförd
utreda utreder utredde utrett utredd
verkställa verkställer verkställde verkställt verkställd
vidta vidtar vidtog vidtagit vidtagen
"""
"""Infinitive, present, past, supine, participle; "-" where the participle is an adjective as well."""

BECOME = frozenset(("bli", "blir", "blev", "blivit"))
NEAR = 6
"""Within how many words after the verb "av" names who does it."""


@dataclass(frozen=True, slots=True)
class Passive:
    """The verb as it was written, where it stands, and its active form."""

    text: str
    verb: Word
    active: str


def find(words: Sequence[Word]) -> Iterator[Passive]:
    """Every passive among the words of a sentence that leaves out who does it."""
    in_s, participles = _forms()
    lower = [word.lower for word in words]
    for at, word in enumerate(lower):
        if words[at].quoted or "av" in lower[at + 1 : at + 1 + NEAR]:
            continue
        if word in in_s:
            yield Passive(words[at].text, words[at], in_s[word])
        elif word in participles and BECOME & set(lower[max(at - 2, 0) : at]):
            helper = next(w for w in reversed(lower[:at]) if w in BECOME)
            active = participles[word][("bli", "blir", "blev", "blivit").index(helper)]
            yield Passive(f"{helper} {words[at].text}", words[at], active)


@cache
def _forms() -> tuple[dict[str, str], dict[str, tuple[str, str, str, str]]]:
    """By each form in -s the same without; by each participle the verb's infinitive, present, past and supine."""
    verbs = [(v, f"{v}r", f"{v}de", f"{v}t", f"{v}d") for v in FIRST_CONJUGATION]
    verbs += [tuple(line.split()) for line in OTHERS.split("\n") if line]  # type: ignore[misc]  # five in each line
    in_s: dict[str, str] = {}
    participles: dict[str, tuple[str, str, str, str]] = {}
    for infinitive, present, past, supine, participle in verbs:
        active = (infinitive, present, past, supine)
        in_s |= {f"{form}s": form for form in (infinitive, past, supine)}
        in_s[_present_passive(infinitive, present)] = present
        if participle != "-":
            participles |= dict.fromkeys(_participles(participle), active)
    return in_s, participles


def _present_passive(infinitive: str, present: str) -> str:
    """beslutar → beslutas, bedömer → bedöms, avslår → avslås, genomför → genomförs"""
    if not present.endswith("r") or present == infinitive.removesuffix("a"):
        return f"{present}s"
    if present == f"{infinitive}r":
        return f"{infinitive}s"
    return f"{present[:-2]}s"


def _participles(participle: str) -> tuple[str, ...]:
    """avslagen, avslaget, avslagna; beslutad, beslutat, beslutade; utförd, utfört, utförda; undersökt, undersökta"""
    if participle.endswith("en"):
        return participle, f"{participle[:-1]}t", f"{participle[:-2]}na"
    if participle.endswith("ad"):
        return participle, f"{participle[:-1]}t", f"{participle}e"
    if participle.endswith("d"):
        neuter = participle[:-2] + "tt" if participle.endswith("dd") else f"{participle[:-1]}t"
        return participle, neuter.replace("nnt", "nt"), f"{participle}a"
    return participle, f"{participle}a"
