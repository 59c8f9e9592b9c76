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
    "start_page_number": None,
    "end_page_number": None,
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
    "url": "https://example.org/report",
    "note": "The title is descriptive; the report has no headline of its own.",
    "sha256": "5d7f…",
    "characters": 3744,
    "uploaded": False,
    "file_date": None,
    "pages": None,
    "pages_without_text": [],
}

UPLOADED: dict[str, Any] = SOURCE | {
    "source_id": "_uploads/minutes.pdf",
    "title": "Minutes of the 16th meeting",
    "publisher": None,
    "language": None,
    "url": None,
    "note": None,
    "uploaded": True,
    "file_date": "2019-02-21",
    "pages": 4,
    "pages_without_text": [3],
}

UPLOADING = """event: progress
data: {"step": "reading", "done": 0, "total": 0}

event: progress
data: {"step": "indexing", "done": 64, "total": 210}

event: source
data: {"source_id": "_uploads/minutes.pdf", "...": "..."}

"""

FEEDBACK: dict[str, Any] = {
    "up": {"summary": "A thumb", "value": {"answer_id": "0f9d5c1e", "rating": "up"}},
    "down": {
        "summary": "With what was asked and answered, as its reader agreed",
        "value": {
            "answer_id": "0f9d5c1e",
            "rating": "down",
            "comment": "Another figure is meant.",
            "question": "Berapa nilai perdagangan?",
            "answer": ANSWER["answer"],
        },
    },
}

CHAT: dict[str, Any] = {
    "question": {
        "summary": "A question",
        "value": {"model": "meeting-assistant", "messages": [{"role": "user", "content": "Who chaired the meeting?"}]},
    },
    "conversation": {
        "summary": "A conversation, with what clients send along",
        "value": {
            "model": "meeting-assistant",
            "temperature": 0.2,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Who chaired the meeting?"},
                {"role": "assistant", "content": "The source says, in Indonesian: “Jose Tavares” [1]"},
                {"role": "user", "content": [{"type": "text", "text": "And who represented Russia?"}]},
            ],
        },
    },
    "streamed": {
        "summary": "Streamed, with the usage",
        "value": {
            "model": "meeting-assistant",
            "stream": True,
            "stream_options": {"include_usage": True},
            "messages": [{"role": "user", "content": "Berapa nilai perdagangan?"}],
        },
    },
}

_COMPLETION_HEAD = {"id": "chatcmpl-5b2c", "created": 1_790_000_000, "model": "meeting-assistant"}
_SOURCES = (
    "\n\n**Sumber-sumber**\n- [1] Report on the 16th ASEAN-Russia Senior Officials Meeting, asean-russia-som-2019.txt, "
    "1103–1141"
)

COMPLETION: dict[str, Any] = {
    **_COMPLETION_HEAD,
    "object": "chat.completion",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": ANSWER["answer"] + _SOURCES,
                "refusal": None,
                "annotations": [
                    {
                        "type": "url_citation",
                        "url_citation": {
                            "start_index": 57,
                            "end_index": 60,
                            "url": "http://127.0.0.1:7860/v1/sources/asean-russia-som-2019.txt",
                            "title": _CITATION["title"],
                        },
                    }
                ],
                "context": {
                    "answer_id": ANSWER["id"],
                    "status": "answered",
                    "language": "id",
                    "reader": "embedded",
                    "citations": [
                        {
                            **_CITATION,
                            "content": _CITATION["cited_text"],
                            "url": "http://127.0.0.1:7860/v1/sources/asean-russia-som-2019.txt",
                            "filepath": _CITATION["source_id"],
                            "chunk_id": "1103-1141",
                        }
                    ],
                    "related": [],
                    "follow_ups": [],
                    "notices": [],
                },
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
}

CHUNKS = """data: {"id": "chatcmpl-5b2c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": null}]}

data: {"id": "chatcmpl-5b2c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "Menurut sumber: …"}, "finish_reason": null}]}

data: {"id": "chatcmpl-5b2c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

data: [DONE]

"""  # noqa: E501 (events are lines)

MODELS: dict[str, Any] = {
    "object": "list",
    "data": [
        {
            "id": "meeting-assistant",
            "object": "model",
            "created": 1_790_000_000,
            "owned_by": "meeting-assistant",
        }
    ],
}

METRICS = """# HELP assistant_answers_total Answers by status and reader.
# TYPE assistant_answers_total counter
assistant_answers_total{reader="embedded",status="answered"} 12.0
"""
