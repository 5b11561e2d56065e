"""google-api-python-client with a document of its own: the projects of whoever runs it."""

from googleapiclient.discovery import build

with build("cloudresourcemanager", "v1") as service:
    for project in service.projects().list().execute()["projects"]:
        print(project["projectId"])
