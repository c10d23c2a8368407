"""A small, invented CRM: companies, the people at them, and deals. Always the same records, because
nothing is drawn at random. Lookups are ids, which the caller has from what it loaded before."""

import datetime
import uuid

COMPANIES = 40
CONTACTS = 120
DEALS = 80

FIRST_WORDS = ["Alder", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbour", "Iris", "Juniper"]
LAST_WORDS = ["Logistics", "Instruments", "Foods", "Software"]
INDUSTRIES = {"Logistics": "transport", "Instruments": "manufacturing", "Foods": "food", "Software": "software"}
# Country, city, telephone prefix.
PLACES = [
    ("DE", "Hamburg", "+49 40"), ("FR", "Lyon", "+33 4"), ("US", "Portland", "+1 503"), ("JP", "Osaka", "+81 6"),
    ("BR", "Curitiba", "+55 41"), ("ZA", "Durban", "+27 31"), ("IN", "Pune", "+91 20"), ("NO", "Bergen", "+47 55"),
    ("AU", "Hobart", "+61 3"), ("KE", "Mombasa", "+254 41"), ("CA", "Halifax", "+1 902"), ("PL", "Gdynia", "+48 58"),
]  # fmt: skip
GIVEN_NAMES = ["Ana", "Björn", "Chidi", "Daria", "Emre", "Fatima", "Grace", "Hiro", "Inês", "Jakub", "Kofi", "Leïla"]
FAMILY_NAMES = ["Almeida", "Berg", "Castillo", "Dubois", "Ekström", "Fischer", "Gupta", "Haugen", "Ito", "Jensen"]
TITLES = ["Managing director", "Head of purchasing", "Engineer", "Accountant", "Office manager"]
KINDS = ["customer", "prospect", "customer", "partner", "supplier"]
STAGES = ["lead", "qualified", "proposal", "negotiation", "won", "lost"]
SUBJECTS = ["Annual licence", "Pilot", "Spare parts", "Training", "Support contract"]

EPOCH = datetime.date(2026, 1, 5)
NAMESPACE = uuid.UUID("6f2f4a0e-5a0c-5d5f-8a55-0d6a4d3c2b10")


def company_name(number):
    return f"{FIRST_WORDS[number % 10]} {LAST_WORDS[number // 10]}"


def domain(name):
    return name.lower().replace(" ", "-") + ".example"


def companies(country_ids):
    return [company(number, country_ids) for number in range(COMPANIES)]


def company(number, country_ids):
    name = company_name(number)
    country, city, prefix = PLACES[number % len(PLACES)]
    return {
        "name": name,
        "account_number": 3_000_000_000 + number * 7919,
        "kind": KINDS[number % len(KINDS)],
        "industry": INDUSTRIES[name.split()[1]],
        "country": country_ids[country],
        "website": f"https://www.{domain(name)}/",
        "phone": f"{prefix} 555 {1000 + number * 37}",
        "employees": 5 + number * number * 3,
        "annual_revenue": f"{250_000 + number * 1_234_567}.{number * 7 % 100:02d}",
        "discount": f"{number % 8 * 2.5:.1f}",
        "is_active": number % 11 != 10,
        "founded_on": str(datetime.date(1950 + number * 13 % 74, 1 + number % 12, 1 + number * 5 % 28)),
        "opens_at": f"{7 + number % 4:02d}:{number % 2 * 30:02d}:00",
        "registry_id": str(uuid.uuid5(NAMESPACE, name)),
        "address": {"city": city, "lines": [f"{1 + number * 3} Harbour Street"], "country": country},
        "notes": None if number % 3 else f"Met at the trade fair in {city}.\nSends orders by e-mail.",
    }


def contacts(company_ids):
    return [contact(number, company_ids) for number in range(CONTACTS)]


def contact_email(number):
    return f"contact{number + 1}@{domain(company_name(number % COMPANIES))}"


def contact(number, company_ids):
    """The first contact of each company is its primary one."""
    hour = datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.timezone.utc) + datetime.timedelta(hours=number * 5)
    return {
        "first_name": GIVEN_NAMES[number % len(GIVEN_NAMES)],
        "last_name": FAMILY_NAMES[number * 3 % len(FAMILY_NAMES)],
        "email": contact_email(number),
        "phone": f"{PLACES[number % COMPANIES % len(PLACES)][2]} 555 {5000 + number * 11}",
        "company": company_ids[company_name(number % COMPANIES)],
        "job_title": TITLES[number % len(TITLES)],
        "is_primary": number < COMPANIES,
        "birthday": str(datetime.date(1960 + number * 7 % 40, 1 + number % 12, 1 + number % 28)),
        "last_contacted_at": hour.isoformat(),
    }


def deals(company_ids, contact_ids):
    return [deal(number, company_ids, contact_ids) for number in range(DEALS)]


def deal(number, company_ids, contact_ids):
    company_number = number * 3 % COMPANIES
    stage = STAGES[number % len(STAGES)]
    close = EPOCH + datetime.timedelta(days=number * 4)
    closed = stage in ("won", "lost")
    return {
        "reference": f"D-{number + 1:05d}",
        "title": f"{SUBJECTS[number % len(SUBJECTS)]} for {company_name(company_number)}",
        "company": company_ids[company_name(company_number)],
        "contact": contact_ids[contact_email(company_number)],
        "stage": stage,
        "amount": f"{1500 + number * number * 41}.{number * 25 % 100:02d}",
        "probability": {"won": 100, "lost": 0}.get(stage, 15 + number % 6 * 15),
        "effort": f"{number * 1.75:.2f}",
        "expected_close_on": str(close),
        "closed_at": f"{close}T16:30:00Z" if closed else None,
        "notes": None,
    }
