"""Calls with the generated client, as a user with a token: sets the size of a space, reads the use of all, lists."""

from koodrive_client import AuthenticatedClient
from koodrive_client.api.spaces import get_space, get_space_usage_overview, list_user_spaces, update_space
from koodrive_client.models import GetSpaceType, Refusal, UpdateSpaceBody, UpdateSpaceBodyType

OWNER = "1289173650183882753"


def run(url):
    # The token has its prefix already.
    client = AuthenticatedClient(base_url=url, token="Bearer client", prefix="", raise_on_unexpected_status=True)

    before = get_space_usage_overview.sync(client=client)
    assert before.code == 0 and before.data.total_capacity > 0, before

    body = UpdateSpaceBody(type_=UpdateSpaceBodyType.INDIVIDUAL, capacity="10")
    done = update_space.sync(OWNER, client=client, body=body)
    assert done.code == 0, done
    space = get_space.sync(OWNER, client=client, type_=GetSpaceType.INDIVIDUAL)
    assert space.data.capacity == "10", space

    after = get_space_usage_overview.sync(client=client)
    assert after.data.total_capacity > before.data.total_capacity, (before, after)

    refused = update_space.sync(OWNER, client=client, body=UpdateSpaceBody(UpdateSpaceBodyType.INDIVIDUAL, "0"))
    assert isinstance(refused, Refusal) and refused.code == 13000102, refused

    users = list_user_spaces.sync(client=client, offset=0, limit=10).users
    assert users and all(user.container_id for user in users), users
    print(f"openapi: a generated client sets a space to 10 GB, reads it back, and lists {len(users)} users' spaces")
    return True
