"""Examples of requests and responses for the OpenAPI document."""

from __future__ import annotations

from typing import Any

ASK: dict[str, Any] = {
    "question": {"summary": "A question", "value": {"question": "Who chaired the meeting?"}},
    "follow_up": {
        "summary": "A follow-up, with the conversation so far",
        "value": {
            "question": "And who represented Russia?",
            "history": [
                {"role": "user", "content": "Who chaired the meeting?"},
                {"role": "assistant", "content": "The source says, in Indonesian: “Jose Tavares” [1]"},
            ],
            "language": "en",
        },
    },
    "streamed": {"summary": "Streamed", "value": {"question": "Berapa nilai perdagangan?", "stream": True}},
}

_CITATION = {
    "marker": 1,
    "source_id": "asean-russia-som-2019.txt",
    "title": "Report on the 16th ASEAN-Russia Senior Officials Meeting",
    "start_char_index": 1103,
    "end_char_index": 1141,
    "cited_text": "perdagangan sebesar 18 miliar dolar AS",
    "context": "Tahun lalu saja, kerja sama di bidang investasi mencapai 45 juta dolar AS dan perdagangan sebesar 18 "
    "miliar dolar AS.",
}

ANSWER: dict[str, Any] = {
    "id": "0f9d5c1e",
    "request_id": None,
    "question": "Berapa nilai perdagangan?",
    "standalone_question": "Berapa nilai perdagangan?",
    "language": "id",
    "status": "answered",
    "answer": "Menurut sumber: “perdagangan sebesar 18 miliar dolar AS” [1]",
    "citations": [_CITATION],
    "related": [],
    "follow_ups": [],
    "reader": "embedded",
    "notices": [],
    "explanation": [],
    "usage": {"input_tokens": 0, "output_tokens": 0},
    "timings_ms": {"condense": 0.1, "retrieve": 9.2, "answerable": 0.3, "generate": 1.0, "verify": 0.8, "total": 11.4},
}

STREAM = """event: progress
data: {"step": "retrieve"}

event: sources
data: {"passages": [{"marker": null, "source_id": "asean-russia-som-2019.txt", "...": "..."}]}

event: sentence
data: {"text": "Menurut sumber: “perdagangan sebesar 18 miliar dolar AS” [1]", "citations": [{"marker": 1}]}

event: answer
data: {"id": "0f9d5c1e", "status": "answered", "...": "..."}

"""

SOURCE: dict[str, Any] = {
    "source_id": "asean-russia-som-2019.txt",
    "title": "Report on the 16th ASEAN-Russia Senior Officials Meeting",
    "date": "2019-02-20",
    "publisher": "Bisnis Bali",
    "language": "id",
    "url": None,
    "note": None,
    "sha256": "5d7f…",
    "characters": 3744,
}
