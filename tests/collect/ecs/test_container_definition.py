"""Which user a container is said to run as."""

import pytest

from sakimori.collect.ecs.container_definition import names_ordinary_user


@pytest.mark.parametrize("user", ["app", "1000", "1000:0", "nobody:root", "www-data", "10"])
def test_an_ordinary_user_is_recognised(user: str) -> None:
    assert names_ordinary_user(user, is_for_windows=False) is True


@pytest.mark.parametrize("user", ["", " ", "root", "ROOT", "0", "00", "0:1000", "root:app", ":1000"])
def test_root_and_a_user_left_to_the_image_are_not(user: str) -> None:
    assert names_ordinary_user(user, is_for_windows=False) is False


def test_a_windows_container_without_a_user_tells_nothing() -> None:
    assert names_ordinary_user("", is_for_windows=True) is None
    assert names_ordinary_user("ContainerUser", is_for_windows=True) is True
    assert names_ordinary_user(r"User Manager\ContainerAdministrator", is_for_windows=True) is False
