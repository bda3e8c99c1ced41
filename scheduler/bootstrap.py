"""The first cluster admin: the one user that cannot be created through the API."""

from __future__ import annotations

from scheduler.domain.tenants import Organisation, Project, Role, User
from scheduler.identity import new_token, token_sha256
from scheduler.ports import TenantStore

# Operators administer and never submit: no policy gives their class a share.
OPERATORS = Organisation("operations", "Operators of the cluster", "operators")


def create_first_admin(tenants: TenantStore, name: str) -> str:
    """Create a cluster admin and return the token, which is stored only as a hash.

    Raises AlreadyExists when the name is taken; a lost token is replaced by `rotate-token`.
    """
    if OPERATORS not in tenants.organisations():
        tenants.add_organisation(OPERATORS)
        tenants.add_project(Project(OPERATORS.name, "administration", "Administration"))
    token = new_token()
    admin = User(name, OPERATORS.name, "administration", "nobody", Role.CLUSTER_ADMIN)
    tenants.add_user(admin, token_sha256(token))
    return token
