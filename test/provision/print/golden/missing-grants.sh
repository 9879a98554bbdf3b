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

# known PATH QUERY: as ask, but something must be there
known() {
  something=$(ask "$1" "$2") && [ -n "$something" ] && printf '%s' "$something"
}

send_once() {
  if [ $# -gt 2 ]; then
    az rest --method "$1" --url "$graph/v1.0$2" --resource "$graph" --headers Content-Type=application/json \
      --body "$3" --output none
  else
    az rest --method "$1" --url "$graph/v1.0$2" --resource "$graph" --output none
  fi
}

# principal_of APP_ID: the id of its service principal; nothing where there is none
principal_of() {
  ask "/servicePrincipals?\$filter=appId%20eq%20'$1'&\$select=id" 'value[0].id'
}

# permission_id APP_ID LIST NAME: the id that a permission of a resource has
permission_id() {
  again known "/servicePrincipals(appId='$1')?\$select=$2" "$2[?value=='$3'].id | [0]" || {
    say "the resource $1 offers no permission $3"
    return 1
  }
}

grant_once() {
  granted=$(ask "/servicePrincipals/$principal/appRoleAssignments" \
    "value[?appRoleId=='$role' && resourceId=='$resource'].id | [0]") || return 1
  if [ -n "$granted" ]; then return 0; fi
  send_once POST "/servicePrincipals/$resource/appRoleAssignedTo" \
    "{\"principalId\":\"$principal\",\"resourceId\":\"$resource\",\"appRoleId\":\"$role\"}"
}

# grant APP_ID NAME: admin consent to an application permission
grant() {
  say "granting $2"
  resource=$(again known "/servicePrincipals(appId='$1')?\$select=id" id)
  role=$(permission_id "$1" appRoles "$2")
  again grant_once
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
  say "there is no application $app_id in this tenant"
  exit 1
fi
principal=$(principal_of "$app_id")

grant 00000003-0000-0000-c000-000000000000 'SecurityIncident.Read.All' # for source securityincident

grant fc780465-2017-40d4-a0c5-307022471b92 'Alert.Read.All' # for source alert

say "the application (client) id, auth.clientId of the connector, is $app_id"
printf '%s\n' "$app_id"
