"""Every text of the pages, English and Traditional Chinese side by side; braces are filled in.

The wording is ours. What a developer has to do stays in English (`authserver/blocked.py`): it is
made of commands and parameter names.
"""

from __future__ import annotations

from gemauth.emulator.pages.language import LANGUAGES, Language
from gemauth.google import scopes

__all__ = ["TEXTS", "text"]

TEXTS: dict[str, tuple[str, str]] = {
    "banner": (
        "gemauth emulator — this is not Google; it never asks for a password",
        "gemauth 模擬器 — 這不是 Google，也絕不會詢問密碼",
    ),
    "title": ("{page} · gemauth emulator", "{page} · gemauth emulator"),
    "footer": (
        "Served by the gemauth emulator on this machine. Nothing leaves it.",
        "由這部電腦上的 gemauth emulator 提供，資料不會離開本機。",
    ),
    # --- account
    "account.heading": ("Choose an account", "選擇帳戶"),
    "account.lead": ("to continue to {app}", "以繼續前往「{app}」"),
    "account.signed_in": ("Signed in", "已登入"),
    "account.hinted": ("Asked for by the app", "應用程式指定"),
    "account.domain": (
        "The app asks for an account of {domain}.",
        "應用程式要求使用 {domain} 的帳戶。",
    ),
    "account.workspace": (
        "The app asks for a Workspace account.",
        "應用程式要求使用 Workspace 帳戶。",
    ),
    "account.none": (
        "There is no account here yet. Make one, then reload this page:",
        "這裡還沒有任何帳戶。請先建立一個，再重新載入本頁：",
    ),
    "account.none_in_domain": (
        "No account of this emulator fits. Make one, then reload this page:",
        "這個模擬器沒有符合的帳戶。請先建立一個，再重新載入本頁：",
    ),
    "account.note": (
        "Every account of this emulator is listed. Choosing one signs you in, without a password.",
        "此處列出模擬器中的所有帳戶。點選即登入，沒有密碼。",
    ),
    # --- warning
    "warning.heading": ("This app has not been verified", "這個應用程式未經驗證"),
    "warning.tester": (
        (
            "{app} is still being tested, and asks for sensitive access to your account. You are "
            "on its list of testers. Go on only if you know the developer, {developer}."
        ),
        (
            "「{app}」仍在測試階段，並要求存取你帳戶中的敏感資料。你在測試人員名單中。"
            "只有在認識開發者 {developer} 時才繼續。"
        ),
    ),
    "warning.production": (
        (
            "{app} asks for sensitive access to your account, and its verification is not "
            "complete. Until it is, use it only if you know the developer, {developer}."
        ),
        (
            "「{app}」要求存取你帳戶中的敏感資料，但尚未完成驗證。"
            "在此之前，只有在認識開發者 {developer} 時才使用。"
        ),
    ),
    "warning.continue": ("Continue", "繼續"),
    "warning.back": ("Back to safety", "返回安全位置"),
    "warning.advanced": ("Advanced", "進階"),
    "warning.unsafe": ("Go to {app} (unsafe)", "前往「{app}」（不安全）"),
    "warning.unsafe_note": (
        "Go on only if you understand the risk and trust the developer.",
        "只有在了解風險並信任開發者時才繼續。",
    ),
    # --- consent
    "consent.heading": ("{app} wants to use your account", "「{app}」想要使用你的帳戶"),
    "consent.sign_in": ("Sign in to {app}", "登入「{app}」"),
    "consent.lead": ("If you allow it, {app} can:", "如果你允許，「{app}」將可以："),
    "consent.choose": ("Choose what {app} may do:", "選擇「{app}」可以做什麼："),
    "consent.sign_in_lead": ("{app} will be able to:", "「{app}」將可以："),
    "consent.also": ("It will also be able to:", "它也將可以："),
    "consent.already": ("{app} already has some access", "「{app}」已擁有部分權限"),
    "consent.switch": ("Use another account", "使用其他帳戶"),
    "consent.trust": (
        "Make sure that you trust {app}, and the people behind it.",
        "請確認你信任「{app}」及其開發者。",
    ),
    "consent.contact": ("Developer contact: {email}", "開發者聯絡方式：{email}"),
    "consent.allow": ("Allow", "允許"),
    "consent.continue": ("Continue", "繼續"),
    "consent.cancel": ("Cancel", "取消"),
    "consent.request": ("For the developer: this request", "開發者資訊：這個請求"),
    # --- answer
    "answer.heading": ("Go back to {app}", "返回「{app}」"),
    "answer.lead": (
        "The app wants its answer in a form (response_mode=form_post). The button sends it.",
        "應用程式要求以表單接收結果（response_mode=form_post）。請按下按鈕送出。",
    ),
    "answer.continue": ("Continue", "繼續"),
    # --- code
    "code.heading": ("Go back to {app}", "返回「{app}」"),
    "code.lead": (
        "You are signed in. Copy this code, and paste it where the app asks for it:",
        "你已登入。請複製這組代碼，並貼到應用程式要求輸入的地方：",
    ),
    "code.declined": (
        "You did not allow it, so there is no code. You can close this page.",
        "你未允許存取，因此沒有代碼。你可以關閉這個頁面。",
    ),
    # --- blocked
    "blocked.status": ("Error {status}: {error}", "錯誤 {status}：{error}"),
    "blocked.developer": ("If you are the developer", "如果你是開發者"),
    "blocked.details": ("Request details", "請求詳細資料"),
    "blocked.another": ("Try another account", "改用其他帳戶"),
    "blocked.account": ("Chosen account: {email}", "所選帳戶：{email}"),
    "blocked.request.heading": (
        "Access blocked: this request is not valid",
        "已封鎖存取：這個請求無效",
    ),
    "blocked.request.lead": (
        (
            "You cannot sign in, because {app} sent a request that does not follow the rules. "
            "You can tell its developer about the error below."
        ),
        "無法登入，因為「{app}」送出的請求不符規定。你可以將以下錯誤告知開發者。",
    ),
    "blocked.client.heading": (
        "Access blocked: the app could not be identified",
        "已封鎖存取：無法識別應用程式",
    ),
    "blocked.client.lead": (
        "The app that sent you here is not known, or is no longer in use.",
        "將你帶到此處的應用程式不明，或已停用。",
    ),
    "blocked.restricted.heading": ("This app is blocked", "這個應用程式已遭封鎖"),
    "blocked.restricted.lead": (
        "It tried to reach data that it may not have. Nothing was shared with it.",
        "它試圖存取不得取得的資料。未與它分享任何內容。",
    ),
    "blocked.tester.heading": (
        "Access blocked: {app} is not open to everyone yet",
        "已封鎖存取：「{app}」尚未開放給所有人",
    ),
    "blocked.tester.lead": (
        (
            "{app} is being tested, and only testers that its developer has approved can use it. "
            "If you should be one, write to the developer: {developer}."
        ),
        "「{app}」正在測試中，只有開發者核准的測試人員才能使用。若你認為自己應獲得權限，請聯絡開發者：{developer}。",
    ),
    "blocked.organization.heading": (
        "Access blocked: {app} is for its organization only",
        "已封鎖存取：「{app}」僅供其機構內部使用",
    ),
    "blocked.organization.lead": (
        "{app} can be used only with an account of the organization that it belongs to.",
        "「{app}」只能以所屬機構的帳戶使用。",
    ),
    "blocked.stale.heading": ("This page is no longer valid", "這個頁面已失效"),
    "blocked.stale.lead": (
        (
            "The sign-in was finished, took too long, or was started in another browser. "
            "Go back to the app and start again."
        ),
        "登入已完成、逾時，或是在另一個瀏覽器中開始的。請回到應用程式重新開始。",
    ),
    "blocked.this_app": ("the app", "此應用程式"),
    # --- home
    "home.heading": ("A local Google, for development", "供開發使用的本機 Google"),
    "home.lead": (
        (
            "This is the gemauth emulator: Google's side of OAuth and of the Gemini API's access "
            "control, on this machine. It has accounts, but no passwords, and its credentials open "
            "nothing at Google."
        ),
        (
            "這是 gemauth 模擬器：在本機上模擬 Google 端的 OAuth 與 Gemini API 存取控制。"
            "它有帳戶但沒有密碼，其憑證在 Google 毫無用處。"
        ),
    ),
    "home.projects": ("Projects", "專案"),
    "home.accounts": ("Accounts", "帳戶"),
    "home.clients": ("OAuth clients", "OAuth 用戶端"),
    "home.addresses": ("What answers here", "此處提供的服務"),
    "home.authorization": ("Sign-in pages", "登入頁面"),
    "home.token": ("Token endpoint", "權杖端點"),
    "home.discovery": ("OpenID discovery", "OpenID 探索文件"),
    "home.gemini": ("Gemini API", "Gemini API"),
    "home.cloud": (
        "Cloud APIs",
        "Cloud API",
    ),
    "home.control": ("Control API of the emulator", "模擬器的控制 API"),
    "home.start": ("Point a terminal at it", "讓終端機指向它"),
    # --- what scopes allow (the English is google.scopes', which `gemauth login` shows too)
    f"scope {scopes.OPENID}": (scopes.DESCRIPTIONS[scopes.OPENID], "讓應用程式知道你是哪個帳戶"),
    f"scope {scopes.EMAIL}": (scopes.DESCRIPTIONS[scopes.EMAIL], "查看你的電子郵件地址"),
    f"scope {scopes.PROFILE}": (scopes.DESCRIPTIONS[scopes.PROFILE], "查看你的姓名與相片"),
    f"scope {scopes.CLOUD_PLATFORM}": (
        scopes.DESCRIPTIONS[scopes.CLOUD_PLATFORM],
        "使用你的 Google Cloud 專案及其資料",
    ),
    f"scope {scopes.GEMINI}": (scopes.DESCRIPTIONS[scopes.GEMINI], "使用 Gemini API"),
    f"scope {scopes.TUNING}": (
        scopes.DESCRIPTIONS[scopes.TUNING],
        "建立、變更及分享你調整過的 Gemini 模型",
    ),
    f"scope {scopes.TUNING_READONLY}": (
        scopes.DESCRIPTIONS[scopes.TUNING_READONLY],
        "查看你調整過的 Gemini 模型",
    ),
    f"scope {scopes.RETRIEVER}": (
        scopes.DESCRIPTIONS[scopes.RETRIEVER],
        "建立及變更 Gemini API 的語料庫",
    ),
    f"scope {scopes.RETRIEVER_READONLY}": (
        scopes.DESCRIPTIONS[scopes.RETRIEVER_READONLY],
        "查看 Gemini API 的語料庫",
    ),
    f"scope {scopes.SQL_LOGIN}": (
        scopes.DESCRIPTIONS[scopes.SQL_LOGIN],
        "登入你的 Cloud SQL 資料庫",
    ),
    f"scope {scopes.APPENGINE_ADMIN}": (
        scopes.DESCRIPTIONS[scopes.APPENGINE_ADMIN],
        "管理你的 App Engine 應用程式",
    ),
    f"scope {scopes.COMPUTE}": (
        scopes.DESCRIPTIONS[scopes.COMPUTE],
        "查看及管理你的 Compute Engine 機器",
    ),
    f"scope {scopes.REAUTH}": (scopes.DESCRIPTIONS[scopes.REAUTH], "再次確認是你本人"),
}


def text(key: str, language: Language) -> str:
    """Return a text in a language.

    Raises:
        KeyError: there is no such text.
    """
    return TEXTS[key][LANGUAGES.index(language)]
