"""requests and a URL that nobody here may reach: what the program gets to see."""

import sys

import requests

try:
    answer = requests.get(sys.argv[1], timeout=60)
    print(answer.status_code, answer.text)
except requests.RequestException as error:
    print(type(error).__name__, error)
