"""The page that most people would write first: gr.ChatInterface over the retrieval of LangChain's tutorial.

python evals/peers/plain_page.py DATA PORT
"""

from __future__ import annotations

import sys
from pathlib import Path

import gradio as gr
from langchain_tutorial import K, open_store


def main() -> None:
    """Serves until it is stopped."""
    data, port = sys.argv[1:]
    store = open_store(Path(data))

    def answer(message: str, history: list[object]) -> str:
        return "\n\n".join(found.page_content for found in store.similarity_search(message, k=K))

    gr.ChatInterface(answer).launch(server_name="127.0.0.1", server_port=int(port), quiet=True)


if __name__ == "__main__":
    main()
