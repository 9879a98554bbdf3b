#!/bin/sh
# The app registration of defender-siem in the tenant contoso (51515151-0000-4000-8000-7e4a4700c0de, application 22222222-0000-4000-8000-000000000002).
# Run it with a signed-in Azure CLI (az login --allow-no-subscriptions) as an administrator who may register
# applications and consent to permissions of Microsoft Graph (Privileged Role Administrator).
# A second run changes nothing, and one that was cut off is finished by the next.
set -eu
umask 077

graph='https://graph.microsoft.com'
tenant='51515151-0000-4000-8000-7e4a4700c0de'

say() {
  printf '%s\n' "$1" >&2
}

# again COMMAND…: for a minute, since not all parts of the directory know at once what was just made
again() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 12 ]; then return 1; fi
    sleep "${WAIT_SECONDS:-5}"
  done
}

# ask PATH QUERY: what of Graph's answer the JMESPath query takes; nothing where there is none
ask() {
  answer=$(az rest --method GET --url "$graph/v1.0$1" --resource "$graph" --query "$2" --output tsv) || return 1
  if [ "$answer" != None ]; then printf '%s' "$answer"; fi
}

send_once() {
  if [ $# -gt 2 ]; then
    az rest --method "$1" --url "$graph/v1.0$2" --resource "$graph" --headers Content-Type=application/json \
      --body "$3" --output none
  else
    az rest --method "$1" --url "$graph/v1.0$2" --resource "$graph" --output none
  fi
}

# send METHOD PATH [BODY]: a change that may be made twice
send() {
  again send_once "$@"
}

# principal_of APP_ID: the id of its service principal; nothing where there is none
principal_of() {
  ask "/servicePrincipals?\$filter=appId%20eq%20'$1'&\$select=id" 'value[0].id'
}

signed_in=$(az account show --query tenantId --output tsv)
case $tenant in
  *.*) ;;
  "$signed_in") ;;
  *)
    say "the Azure CLI is signed in to the tenant $signed_in: run az login --tenant $tenant --allow-no-subscriptions"
    exit 1
    ;;
esac

app_id='22222222-0000-4000-8000-000000000002'
application=$(ask "/applications?\$filter=appId%20eq%20'$app_id'&\$select=id" "value[0].id")
if [ -z "$application" ]; then
  say "there is no application $app_id: nothing is left to be removed"
  exit 0
fi
principal=$(principal_of "$app_id")

say 'deleting the service principal of the application'
if [ -n "$principal" ]; then send DELETE "/servicePrincipals/$principal"; fi

say 'deleting the app registration'
send DELETE "/applications/$application"
