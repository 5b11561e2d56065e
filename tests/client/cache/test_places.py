from __future__ import annotations

import pytest

from gemauth.client.cache.places import adc_path, option, own_folder, profile_path

ADC = "application_default_credentials.json"


@pytest.mark.parametrize(
    ("environ", "windows", "path"),
    [
        ({"HOME": "/home/ada"}, False, f"/home/ada/.config/gcloud/{ADC}"),
        ({"HOME": "/home/ada", "CLOUDSDK_CONFIG": "/c"}, False, f"/c/{ADC}"),
        ({"HOME": "/home/ada", "CLOUDSDK_CONFIG": ""}, False, f"/home/ada/.config/gcloud/{ADC}"),
        ({"HOME": "/home/ada", "XDG_CONFIG_HOME": "/x"}, False, f"/home/ada/.config/gcloud/{ADC}"),
        ({"APPDATA": "C:\\Users\\ada"}, True, f"C:\\Users\\ada\\gcloud/{ADC}"),
        ({"SystemDrive": "D:"}, True, f"D:\\\\gcloud/{ADC}"),
        ({}, False, None),
    ],
)
def test_googles_place(environ: dict[str, str], path: str | None, *, windows: bool) -> None:
    """CLOUDSDK_CONFIG, else ~/.config/gcloud, on Windows below %APPDATA% (google-oauth.md 6.1)."""
    assert adc_path(environ, windows=windows) == path


@pytest.mark.parametrize(
    ("environ", "windows", "folder"),
    [
        ({"HOME": "/home/ada"}, False, "/home/ada/.config/gemauth"),
        ({"HOME": "/home/ada", "XDG_CONFIG_HOME": "/x"}, False, "/x/gemauth"),
        ({"HOME": "/home/ada", "XDG_CONFIG_HOME": "x"}, False, "/home/ada/.config/gemauth"),
        ({"HOME": "/home/ada", "XDG_CONFIG_HOME": ""}, False, "/home/ada/.config/gemauth"),
        ({"XDG_CONFIG_HOME": "x"}, False, None),
        ({"APPDATA": "/appdata"}, True, "/appdata/gemauth"),
        ({}, False, None),
        ({}, True, None),
    ],
)
def test_our_own_place(environ: dict[str, str], folder: str | None, *, windows: bool) -> None:
    """The XDG base directory, on Windows %APPDATA%."""
    assert own_folder(environ, windows=windows) == folder


def test_the_option_that_leads_there() -> None:
    """None for ADC's own place, a profile's name, or the file, as a shell takes it."""
    environ = {"HOME": "/home/ada"}
    adc, profile = adc_path(environ), profile_path(environ, "work")
    assert adc is not None
    assert profile is not None
    assert option(environ, adc) == ""
    assert option(environ, profile) == " --profile work"
    assert option(environ, "/home/ada/my key.json") == " --output '/home/ada/my key.json'"
    assert option({}, "/adc.json") == " --output /adc.json"
