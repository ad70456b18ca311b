"""Asking the commands as a page does, and telling a person what they refused."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import hdrs, web

from client.api import commands
from client.api.failure import Failure, failure_of, system_error, unexpected
from client.api.places import names
from client.casework.kinds.registry import KINDS
from client.engine.registering import REGISTERED
from client.web.forms.keeping import keep_jotting
from client.web.gate import REFRESH, SESSION, SHARED, typed_is_kept
from client.web.render import render
from keys.errors import LockedError, SlussError
from keys.logging import get_logger

_log = get_logger("page")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def ask(request: web.Request, command: str, **arguments: Any) -> Any:
    """Run a command of the office for this visitor.

    Raises:
        SlussError: what the command refuses.
    """
    by_person = REFRESH not in request.headers
    return await commands.run(request.app[SHARED].desk, command, arguments, by_person=by_person)


def roles(request: web.Request) -> tuple[str, ...]:
    """The roles of this person."""
    context = request.app[SHARED].desk.context
    return tuple(role.value for role in context.book.staff(context.device_id).roles)


def registers(request: web.Request) -> bool:
    """Whether this person may give documents a diary number."""
    return not KINDS[REGISTERED].roles.isdisjoint(roles(request))


async def jotted(request: web.Request, form: str, target: str, name: str) -> str:
    """What somebody has typed into one field of a form and has not sent."""
    typed = await request.app[SHARED].jottings.typed(form, target) or {}
    return next(iter(typed.get(name, [])), "")


def failure(request: web.Request, error: SlussError) -> Failure:
    """What is told of an error."""
    shared = request.app[SHARED]
    return failure_of(error, request[SESSION].lang, names(shared.desk.context))


def told(handler: Handler) -> Handler:
    """Show a page of its own for what a handler could not do; nothing of the content is in it.

    What was typed in a form that keeps itself is kept first, also when the keys were locked in this very moment.
    """

    @functools.wraps(handler)
    async def shown(request: web.Request) -> web.StreamResponse:
        try:
            answer = await handler(request)
            if answer.status == web.HTTPUnprocessableEntity.status_code and request.method == hdrs.METH_POST:
                with contextlib.suppress(SlussError):
                    await keep_jotting(request.app[SHARED].jottings, await request.post())
            return answer
        except LockedError as error:
            await typed_is_kept(request)
            raise web.HTTPSeeOther("/unlock") from error
        except SlussError as error:
            what = failure(request, error)
        except OSError as error:
            what = failure(request, system_error(error))
        except web.HTTPException:
            raise
        except Exception as error:
            what = unexpected(error, request[SESSION].lang)
            _log.error("page", code=what.code, error_type=type(error).__name__)
        await typed_is_kept(request)
        return render(request, "failure.html", http=what.status, failure=what)

    return shown
