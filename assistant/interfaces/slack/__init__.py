"""The Slack bot: a process of its own that knows the API's address and key, and nothing of how answers are found.

`service` starts it and holds the connection, `bot` takes up what people write, `api` asks, `reply` and `blocks` show.
"""
