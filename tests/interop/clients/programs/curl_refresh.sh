#!/bin/sh
# A token out of application default credentials, with nothing but curl and sed.
set -eu

field() {
    sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$GOOGLE_APPLICATION_CREDENTIALS"
}

curl -sS --fail-with-body https://oauth2.googleapis.com/token \
    --data-urlencode grant_type=refresh_token \
    --data-urlencode "client_id=$(field client_id)" \
    --data-urlencode "client_secret=$(field client_secret)" \
    --data-urlencode "refresh_token=$(field refresh_token)"
