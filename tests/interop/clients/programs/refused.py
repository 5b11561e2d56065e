"""A URL that nobody here may reach, in the way that is named: what the program gets to see."""

import sys

way, url, *more = sys.argv[1:]

if way == "requests":
    import requests

    for each in (url, *more):
        try:
            answer = requests.get(each, timeout=60)
            print(answer.status_code, answer.text)
        except requests.RequestException as error:
            print(type(error).__name__, error)
elif way == "http.client":
    import http.client
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    connection = http.client.HTTPSConnection(parts.netloc, timeout=60)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    print(answer.status, answer.read().decode())
    connection.close()
elif way == "storage":
    from googleapiclient.discovery import build
    from googleapiclient.errors import HttpError

    with build("storage", "v1", developerKey="none") as service:
        try:
            service.buckets().list(project="any").execute()
        except HttpError as error:
            print(error, error.content)
elif way == "grpc":
    import grpc

    with grpc.secure_channel(url, grpc.ssl_channel_credentials()) as channel:
        try:
            channel.unary_unary("/google.pubsub.v1.Publisher/ListTopics")(b"", timeout=10)
        except grpc.RpcError as error:
            print(error.code(), error.details())
