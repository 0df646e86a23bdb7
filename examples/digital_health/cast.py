"""Who and what the worked example is about: parties, people, work streams, metrics, the questions that come up."""

PARTIES = ("meridian", "lumen")
NAMES = {"meridian": "Meridian Pharma AG", "lumen": "Lumen Health, Inc."}

PEOPLE = {
    "m-alliance": ("meridian", "Ines Keller"),
    "m-clinical": ("meridian", "Paul Brandt"),
    "m-medical": ("meridian", "Aiko Mori"),
    "m-finance": ("meridian", "Rosa Lind"),
    "m-clinical-2": ("meridian", "Jonas Weber"),
    "l-alliance": ("lumen", "Dana Ortiz"),
    "l-product": ("lumen", "Sam Okafor"),
    "l-platform": ("lumen", "Mei Chen"),
    "l-ceo": ("lumen", "Victor Hale"),
}

SEATS = {
    "PT": (1, {"pt-m-clinical": "m-clinical", "pt-m-medical": "m-medical", "pt-l-product": "l-product"}),
    "JSC": (2, {"jsc-m-clinical": "m-clinical", "jsc-m-finance": "m-finance", "jsc-l-product": "l-product"}),
    "Executives": (3, {"exec-m": "m-finance", "exec-l": "l-ceo"}),
}

WORK_STREAMS = {
    "app": ("Patient app", "build", "m-medical", "l-product"),
    "clinician-portal": ("Clinician portal", "build", "m-medical", "l-product"),
    "device-kit": ("Device kit", "build", "m-clinical", "l-platform"),
    "device-supply": ("Device supply", "build", "m-finance", "l-platform"),
    "algorithm": ("Risk algorithm", "research", "m-clinical", "l-platform"),
    "data-platform": ("Data platform", "build", "m-clinical", "l-platform"),
    "privacy": ("Privacy and consent", "build", "m-medical", "l-platform"),
    "security": ("Security", "build", "m-medical", "l-platform"),
    "interoperability": ("Links to health records", "build", "m-medical", "l-platform"),
    "pilot-trial": ("Pilot trial", "clinical", "m-clinical", "l-product"),
    "pivotal-trial": ("Pivotal trial", "clinical", "m-clinical", "l-product"),
    "evidence": ("Real-world evidence", "clinical", "m-clinical", "l-platform"),
    "regulatory-eu": ("Regulatory, Europe", "regulatory", "m-clinical", "l-product"),
    "regulatory-us": ("Regulatory, United States", "regulatory", "m-clinical", "l-product"),
    "quality": ("Quality system", "regulatory", "m-medical", "l-platform"),
    "reimbursement": ("Reimbursement", "market", "m-finance", "l-product"),
    "pricing": ("Pricing and contracting", "market", "m-finance", "l-product"),
    "launch-eu": ("Launch, Europe", "market", "m-finance", "l-product"),
    "launch-us": ("Launch, United States", "market", "m-finance", "l-product"),
    "training": ("Training of care teams", "market", "m-medical", "l-product"),
    "support": ("Patient support", "market", "m-medical", "l-product"),
    "communications": ("Joint communications", "market", "m-alliance", "l-alliance"),
    "finance": ("Shared budget", "market", "m-finance", "l-ceo"),
}

METRICS = {
    "active-patients": ("Patients monitored", "patients", "outcome", "50000", ("app", "device-kit")),
    "readmissions": ("Readmissions within 30 days, per 100 discharges", "per_100", "outcome", "12", ("evidence",)),
    "kits-in-time": ("Device kits delivered in time", "percent", "tactical", "95", ("device-supply",)),
    "releases": ("Releases of the app in a year", "releases", "leading", "8", ("app", "clinician-portal")),
    "bookings": ("New clinics signed in a quarter", "clinics", "leading", "40", ("launch-eu", "launch-us")),
    "decision-days": ("Median days to a decision", "days", "alignment", "21", ()),
}
HORIZONS = {
    "active-patients": ("2026-12-31", "2024-12-31"),
    "readmissions": ("2026-06-30", "2026-06-30"),
    "kits-in-time": ("2024-12-31", "2024-12-31"),
    "releases": ("2025-06-30", "2025-06-30"),
    "bookings": ("2025-12-31", "2025-12-31"),
    "decision-days": ("2024-12-31", "2024-12-31"),
}

TERMS = {
    "launch": {
        "meridian": "the first prescription in a country after reimbursement",
        "lumen": "general availability of the release in the app stores",
    },
    "priority-decision": {
        "meridian": "one that holds up a trial or a filing",
        "lumen": "one that holds up the next release, two weeks away",
    },
}

QUESTIONS = {
    "clinical_plan": ("change of endpoint", "sites to add", "inclusion criteria", "sample size", "interim analysis"),
    "platform": ("hosting region", "supported phones", "alert thresholds", "release cadence", "log retention"),
    "patient_data": ("consent wording", "secondary use", "data retention", "access by payers"),
    "pricing": ("discount for large clinics", "price of the device kit", "outcome-based rebate"),
    "default": ("vendor for kits", "joint press release", "training material", "support hours", "shared headcount"),
}
