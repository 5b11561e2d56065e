#!/bin/sh
# A browser that is led to the page as any program is, by the run's variables; it keeps a list of
# authorities of its own, so that the run's is named to it by its public key.
set -eu

spki() {
    openssl x509 -in "$GEMAUTH_RUN/ca.pem" -pubkey -noout |
        openssl pkey -pubin -outform der |
        openssl dgst -sha256 -binary | openssl base64
}

client_id=$(sed -n 's/.*"client_id": *"\([^"]*\)".*/\1/p' "$GEMAUTH_RUN/client_secret.json")
query="client_id=$client_id&redirect_uri=http://localhost:1/&response_type=code&state=s"
exec chromium --headless --no-sandbox --disable-gpu --disable-background-networking \
    --user-data-dir="$PWD/profile" --proxy-server="$HTTPS_PROXY" \
    --ignore-certificate-errors-spki-list="$(spki)" --dump-dom \
    "https://accounts.google.com/o/oauth2/v2/auth?$query&scope=openid+email" 2>/dev/null
