"""What columns are called by role, in the languages of those who name them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from monitor.engine.number_formats import CURRENCIES
from monitor.vocabulary import Role

_PROBABILITY = (
    "probabilidade?|probabilite|probabilita|prawdopodobienstwo|sannolikhet|sannsynlighet|sandsynlighed|waarschijnlijkheid|kans|"
    "pravdepodobnost|olasilik|вероятность|確率|概率|スコア"
)
_VERSION = "vers(ion|ione|ionen|ao|ie)|wersja|версия|バージョン|版本"
_MODEL = "model(l|lo|o|e|en|len|u)?|modele|модели|モデル|模型"
_COST = "(costs?|kosten|costes?|costos?|custos?|couts?|koszty?|kostnad(er)?|стоимость|費用|费用|コスト)"
_BORN = (
    "birth|born|dob|geburt|geboren|nacimiento|nascimento|nascita|naissance|geboorte|fodelse|fodsel|urodzeni|narozeni|dogum|рожден|生年|出生"
)
"""Words of the day on which somebody was born."""
_TRUE = (
    r"(actual|true|observed)_.*|(.*_)?(reale?|reelle?|effettiv[oa]|rzeczywist[aey]|werkelijke?|faktiske?)|(.*_)?tatsachlich(e|er|es)?(_.*)?"
)
_OF = "loan|card|customer|client|account|acct|user|payment|transaction|txn|order|policy|credit"
_WITHIN = r"(flag|ind(icator)?|yn|label|status|\d+_?(d|w|m|q|y|days?|weeks?|months?|mths?|years?)|(in|within)_?\d+_?\w+|next_\w+)"
"""What the name of a label begins and ends with: whose it is, that it is one, and the time within which it comes true."""
NAMES: tuple[tuple[Role, str], ...] = (
    (Role.LABEL_TIMESTAMP, r"(label|outcome|target|default|chargeback|truth)_?(available_)?(at|timestamp|time|ts|date)"),
    (Role.TIMESTAMP, r"timestamp|ts|event_time|datetime|date_time|time|date|created_at|prediction_time|event_timestamp|scored_at"),
    (Role.CHALLENGER_SCORE, r"(challenger|shadow)_(score|proba?|probability)"),
    (Role.CHALLENGER_PREDICTION, r"(challenger|shadow)_(pred(iction|icted)?|decision)"),
    (Role.PREDICTION, r"y_?pred|pred|prediction|predicted|predicted_(class|value|label)|y_?hat|model_(prediction|output)"),
    (
        Role.SCORE,
        r"score|y_score|y_pred_proba|pred(icted)?_proba(bility)?|proba|probability|model_score|log_?odds|logit|(raw|logit)_score|"
        r"decision_function",
    ),
    (Role.LABEL, r"label|target|y|y_true|outcome|class|ground_truth|actuals?|true_(label|value)|wahrheit|zielwert|etiqueta|etichetta"),
    (Role.MODEL_VERSION, r"model_version|model_id|model|model_name"),
    (Role.LATENCY_MS, r"latency(_?ms)?|response_time(_?ms)?|duration_?ms|inference_?(time_?)?ms|elapsed_?ms"),
    (Role.COST, r"effective_cost"),  # of the two that an export of FOCUS has, the one that spreads what is paid at once
    (Role.COST, rf"{_COST}|price_usd|{_COST}_({CURRENCIES.lower()})|({CURRENCIES.lower()})_{_COST}|billed_cost"),
    (Role.CURRENCY, r"billing_currency"),  # of FOCUS; another may be that of an amount
    (Role.STATUS, r"status|status_code|outcome_status|(http|response)_status(_code)?|(http|response)_code|http"),
    (Role.VARIANT, r"variant|arm|experiment_arm|ab_group|bucket"),
    (
        Role.PROTECTED,
        r"sexo?|sexe|sesso|gender|geschlecht|genero|genre|geslacht|plec|kon|kjonn|pohlavi|cinsiyet|пол|性別|性别|race|ethnicity|ethnie|"
        r"ethnic_group|religion|disability|behinderung|nationality|nationalitat|nacionalidad|nacionalidade|nationalite|nazionalita|"
        r"narodowosc|staatsangehorigkeit|marital_status|familienstand|estado_civil|age_(group|band|range|bracket)|altersgruppe",
    ),
)
NAMES_LIKE: tuple[tuple[Role, str], ...] = (
    (Role.LABEL_TIMESTAMP, r".*(label|outcome|target|default|chargeback|observed|settled|resolved).*_(at|on|ts|time|date)"),
    (
        Role.TIMESTAMP,
        r"(event|created?|request(ed)?|predict(ion|ed)|scor(ing|ed)|application|order|booking|transaction|txn|pickup|purchase|inference)"
        r"_?(at|on|ts|time|timestamp|date|day|datetime|dttm)(_(s|ms|us|ns))?|.*_(timestamp|ts|datetime)(_(s|ms|us|ns))?|"
        r"(timestamp|time|ts|epoch|unix_?time)(_(s|ms|us|ns))?|(.*_)?datum|[a-z]+datum|zeit(punkt|stempel)?|"
        r"fecha(_.*)?|logged_at|when|t|(time|timestamp|date)_(utc|gmt|local|cet)|erstellt(_am)?|aangemaakt(_op)?|tidpunkt|tidspunkt|"
        r"data_(d[aeio]_?|di_|do_|utworzenia|transakcji|richiesta|zlozenia).*|дата(_.*)?|日時|日付|时间|"
        r"(snapshot|as_of|observation|reporting|obs|run)_?(date|day|time)|as_of|"
        r"charge_period_start",
    ),
    (
        Role.PREDICTION,
        r"(pred|predicted|forecast|estimated)_.*|.*_(pred|prediction|predicted|forecast)|decision|decisione|decisao|decisie|decyzja|beslut|"
        r"forecast|estimate|entscheidung|vorhersage|prognose?|pronostico|prevision|previsione|previsao|prediccion|predicao|predizione|"
        r"voorspelling|prognoza|schae?tzung|решение|прогноз|予測|"
        r"(.*_)?(estimad[oa]|previst[oa]|stimat[oa]|estimee?|prevue?|predite?|geschatzt(e|er|es)?|vorhergesagt(e|er|es)?|voorspelde?|"
        r"prognozowan[aey]|skattad)(_.*)?",
    ),
    (
        Role.SCORE,
        r".*_(score|proba?|probability|pd|propensity|likelihood)|(score|prob|proba|p|pd)_.*|propensity|likelihood|risk|pd|p(ctr|cvr)|"
        rf".*wahrscheinlichkeit|(.*_)?({_PROBABILITY})(_.*)?|puntuacion|punteggio|pontuacao|punktzahl|скор",
    ),
    (
        Role.LABEL,
        rf"((is|has|was|had|did|ever|will|ist|est|es|ha|{_OF})_?)?(default(ed)?|churn(ed)?|fraud(ulent)?|chargeback|convert(ed)?|clicked|bought|"
        r"paid|cancel(l)?ed|readmitted|returned|survived|late|repaid|purchased|ordered|subscribed|charged_?off|delinquent|readmission|abandono|"
        r"impago|moroso|ausgefallen|ausfall|gekundigt|gekauft|betrug|storniert|defaut|sinistre|frode|insoluto|inadimplente|fraude|oszustwo|"
        r"wanbetaling|opgezegd|дефолт|отток|bad|good_?bad|gb|(dpd_?\d+|\d+_?dpd)(_?plus)?|npl|loss|lapsed?|attrition|attrited|spam|"
        rf"response|responded|renewed|converted|event)(_?{_WITHIN})*|target_?\w+|esito|resultado|ergebnis|uitkomst|utfall|wynik|"
        r".*_(label|target|outcome|actual)|" + _TRUE,
    ),
    (
        Role.MODEL_VERSION,
        rf".*model.*(version|build|release|revision).*|version|(.*_)?({_VERSION})_(d[aeio]l?_|des?_|van_|av_)?({_MODEL})|({_MODEL})_({_VERSION})",
    ),
    (Role.LATENCY_MS, r"(?!.*_(s|sec|secs|seconds|us|ns)$)(.*(latency|response_?time).*|.*_ms)"),
)
"""Names that are less telling: they count when no column has a plainer one, and a person should look."""
_COUNTERS = r"unnamed(:?_?\d+)?|__index_level_\d+__|index|column0|row(_?(number|num|no|nr))?"
_IDS = r"(^|_)(id|uuid|key|guid|nr|no|number|ref|reference)$|(nummer|kennung|numero)$|^id_"
_NUMBERED = r"^(no|nr|num|numero|numer|n)_"
_CODE_WORDS = (
    "zip(_?code)?|post(al)?_?code|plz|code|class|cluster|category|type|region|branch|store|weekday|day_of_week|dow|channel|campaign"
)
_CODES = f"(^|_)({_CODE_WORDS})$"
_WHOLE_LETTERS = str.maketrans("łŁøØđĐßıæ", "lLoOdDsia")
"""Letters with a stroke or the like that are no letter and an accent."""


def named_plainly(role: Role, name: str) -> bool:
    """Say whether a column has a name that is a role's own."""
    return _matches(NAMES, role, name)


def named_like(role: Role, name: str) -> bool:
    """Say whether the name of a column suggests a role."""
    return _matches(NAMES_LIKE, role, name)


def _matches(patterns: Sequence[tuple[Role, str]], role: Role, name: str) -> bool:
    return any(one is role and re.fullmatch(pattern, plain_name(name)) is not None for one, pattern in patterns)


def counts_rows(name: str) -> bool:
    """Say whether a column has the name that pandas and others give to the number of a row.

    >>> counts_rows("__index_level_0__"), counts_rows("Unnamed: 0"), counts_rows("loan_id")
    (True, True, False)
    """
    return re.fullmatch(_COUNTERS, plain_name(name)) is not None


def identifies_by_name(name: str) -> bool:
    """Say whether a column is called an id, a key or a number of something."""
    return re.search(_IDS, plain_name(name)) is not None


def numbers_by_name(name: str) -> bool:
    """Say whether a column may be a number of something: a name such as n_rooms counts, so that only one whose values all differ is.

    >>> numbers_by_name("nº_expediente"), numbers_by_name("Nr. sprawy"), numbers_by_name("income")
    (True, True, False)
    """
    return re.search(_NUMBERED, plain_name(name)) is not None


def stands_for(name: str) -> bool:
    """Say whether the whole numbers of a column of such a name are no quantities."""
    return re.search(_CODES, plain_name(name)) is not None


def born_by_name(name: str) -> bool:
    """Say whether a column is called a day of birth, which is no time of rows.

    >>> born_by_name("birth_date"), born_by_name("Geburtsdatum"), born_by_name("fecha de nacimiento"), born_by_name("date")
    (True, True, True, False)
    """
    return re.search(_BORN, plain_name(name)) is not None


def true_by_name(name: str) -> bool:
    """Say whether a column is called what truly came, so that it is a label whatever its values."""
    return re.fullmatch(_TRUE, plain_name(name)) is not None


def plain_name(name: str) -> str:
    """Return a name in small letters with underscores.

    >>> plain_name("createdAt"), plain_name("PD Score"), plain_name("Género"), plain_name("Latency (ms)"), plain_name("Order No.")
    ('created_at', 'pd_score', 'genero', 'latency_ms', 'order_no')
    """
    folded = unicodedata.normalize("NFKD", name.translate(_WHOLE_LETTERS))
    letters = "".join(one for one in folded if not unicodedata.combining(one) or one in "\u3099\u309a")
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", re.sub(r"[()\[\]?#@]", " ", letters).strip(" .:"))
    return unicodedata.normalize("NFC", re.sub(r"[\s\-.]+", "_", apart).lower())
