"""The pages that people see: templates, one style sheet, texts in two languages.

Owns: how a page looks and reads, and the names in its forms. Does not own: when a page is shown
and what an answer to it means; that is each room's. Jinja2 is imported with the first page.

Forms are plain HTML, work without JavaScript, and these names are kept stable for programs that
walk them (`gemauth.testing.person` is one):

- `<body data-page="account|warning|consent|answer|code|blocked|home">`; a blocked page also has
  `data-status="403" data-error="access_denied" data-reason="not_a_tester"`.
- Every form posts `request` (the sign-in's handle) and `csrf` from hidden inputs, urlencoded.
- account: one `<button name="sub" value="…" data-email="…">` for each person.
- warning: `<button name="action" value="continue">` and `value="back"`.
- consent: `<input type="checkbox" name="scope" value="URL">` where there is a choice, one
  `<li data-scope="URL">` for every scope; `<button name="action" value="allow">`, `value="cancel"`.
- answer (`response_mode=form_post`): hidden inputs of the answer, posted to the redirect URI.
- code: `<body … data-redirect="URL">`, the redirect that shows the code at Google; never followed.
"""

from __future__ import annotations

from gemauth.emulator.pages.language import Language, choose
from gemauth.emulator.pages.templating import asset, render

__all__ = ["Language", "asset", "choose", "render"]
