#!/bin/sh
# The app registration of defender-siem in the tenant contoso (51515151-0000-4000-8000-7e4a4700c0de).
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

# make PATH BODY: the id of what is made; once, since it must not be made twice
make() {
  az rest --method POST --url "$graph/v1.0$1" --resource "$graph" --headers Content-Type=application/json \
    --body "$2" --query id --output tsv
}

# principal_of APP_ID: the id of its service principal; nothing where there is none
principal_of() {
  ask "/servicePrincipals?\$filter=appId%20eq%20'$1'&\$select=id" 'value[0].id'
}

make_principal_once() {
  one=$(principal_of "$1") || return 1
  if [ -z "$one" ]; then one=$(make /servicePrincipals "{\"appId\":\"$1\"}") || return 1; fi
  printf '%s' "$one"
}

# make_principal APP_ID: the id of its service principal, made where there is none
make_principal() {
  again make_principal_once "$1"
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

own_itself_once() {
  owner=$(ask "/applications/$application/owners?\$select=id" "value[?id=='$principal'].id | [0]") || return 1
  if [ -n "$owner" ]; then return 0; fi
  send_once POST "/applications/$application/owners/\$ref" \
    "{\"@odata.id\":\"$graph/v1.0/directoryObjects/$principal\"}"
}

own_itself() {
  say 'making the application its own owner, so that it can renew its credential'
  again own_itself_once
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

say 'the service principal of Microsoft Graph'
make_principal 00000003-0000-0000-c000-000000000000 >/dev/null

say 'the service principal of WindowsDefenderATP'
make_principal fc780465-2017-40d4-a0c5-307022471b92 >/dev/null

say 'the app registration'
access=
asked=
asked="$asked,{\"id\":\"$(permission_id 00000003-0000-0000-c000-000000000000 appRoles 'SecurityAlert.Read.All')\",\"type\":\"Role\"}"
asked="$asked,{\"id\":\"$(permission_id 00000003-0000-0000-c000-000000000000 appRoles 'SecurityIncident.Read.All')\",\"type\":\"Role\"}"
access="$access,{\"resourceAppId\":\"00000003-0000-0000-c000-000000000000\",\"resourceAccess\":[${asked#,}]}"
asked=
asked="$asked,{\"id\":\"$(permission_id fc780465-2017-40d4-a0c5-307022471b92 appRoles 'Alert.Read.All')\",\"type\":\"Role\"}"
access="$access,{\"resourceAppId\":\"fc780465-2017-40d4-a0c5-307022471b92\",\"resourceAccess\":[${asked#,}]}"
access=${access#,}
look_up='/applications?$filter=tags%2Fany(t%3At%20eq%20%27defender-siem%3Adefault%27)&$select=id,appId'
application=$(ask "$look_up" "value[0].id")
if [ -n "$(ask "$look_up" "value[1].id")" ]; then
  say 'several applications have this tag: delete those that are not the connector'
  exit 1
fi
if [ -z "$application" ]; then
  fields='{"displayName":"defender-siem","signInAudience":"AzureADMultipleOrgs","tags":["defender-siem","defender-siem:default"]'
  application=$(make /applications "$fields,\"requiredResourceAccess\":[$access]}")
fi
app_id=$(again known "/applications/$application?\$select=appId" appId)

say 'the service principal of the application'
principal=$(make_principal "$app_id")

# the secret goes into this file, which is auth.clientSecret of the connector: ${file:./defender-siem.secret}
secret=${SECRET_FILE:-./defender-siem.secret}
if [ ! -s "$secret" ]; then
  say "adding a client secret, into $secret"
  again known "/applications/$application?\$select=id" id >/dev/null
  az rest --method POST --url "$graph/v1.0/applications/$application/addPassword" --resource "$graph" \
    --headers Content-Type=application/json --query secretText --output tsv \
    --body '{"passwordCredential":{"displayName":"defender-siem 2026-11-02","endDateTime":"2027-05-01T12:00:00Z"}}' >"$secret.half"
  mv "$secret.half" "$secret"
fi

own_itself

grant 00000003-0000-0000-c000-000000000000 'SecurityAlert.Read.All' # for source securityalert

grant 00000003-0000-0000-c000-000000000000 'SecurityIncident.Read.All' # for source securityincident

grant fc780465-2017-40d4-a0c5-307022471b92 'Alert.Read.All' # for source alert

say "the application (client) id, auth.clientId of the connector, is $app_id"
printf '%s\n' "$app_id"
