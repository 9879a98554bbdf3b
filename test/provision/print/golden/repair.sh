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

# send METHOD PATH [BODY]: a change that may be made twice
send() {
  again send_once "$@"
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

# revoke APP_ID NAME: takes back an application permission
revoke() {
  resource=$(principal_of "$1")
  role=$(permission_id "$1" appRoles "$2")
  granted=$(ask "/servicePrincipals/$principal/appRoleAssignments" \
    "value[?appRoleId=='$role' && resourceId=='$resource'].id | [0]")
  if [ -z "$granted" ]; then return 0; fi
  say "taking back $2, which nothing needs"
  send DELETE "/servicePrincipals/$resource/appRoleAssignedTo/$granted"
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

add_certificate_once() {
  path="/applications/$application?\$select=keyCredentials"
  registered=$(ask "$path" "keyCredentials[?key=='$der'].keyId | [0]") || return 1
  if [ -n "$registered" ]; then return 0; fi
  # the array replaces all: those there are stay as they were read
  keys=$(az rest --method GET --url "$graph/v1.0$path" --resource "$graph" --query keyCredentials --output json) || return 1
  keys=${keys#?}
  keys=${keys%?}
  case $keys in *\{*) keys="$keys," ;; *) keys= ;; esac
  send_once PATCH "/applications/$application" \
    "{\"keyCredentials\":[$keys{\"type\":\"AsymmetricX509Cert\",\"usage\":\"Verify\",\"displayName\":\"$1\",\"key\":\"$der\"}]}"
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

say 'the service principal of Microsoft Threat Protection'
make_principal 8ee8fdad-f234-4243-8f3b-15c294843740 >/dev/null

say 'setting the permissions that the application asks for'
access=
asked=
asked="$asked,{\"id\":\"$(permission_id 00000003-0000-0000-c000-000000000000 appRoles 'SecurityAlert.Read.All')\",\"type\":\"Role\"}"
asked="$asked,{\"id\":\"$(permission_id 00000003-0000-0000-c000-000000000000 appRoles 'SecurityIncident.Read.All')\",\"type\":\"Role\"}"
access="$access,{\"resourceAppId\":\"00000003-0000-0000-c000-000000000000\",\"resourceAccess\":[${asked#,}]}"
asked=
asked="$asked,{\"id\":\"$(permission_id fc780465-2017-40d4-a0c5-307022471b92 appRoles 'Alert.Read.All')\",\"type\":\"Role\"}"
access="$access,{\"resourceAppId\":\"fc780465-2017-40d4-a0c5-307022471b92\",\"resourceAccess\":[${asked#,}]}"
access=${access#,}
send PATCH "/applications/$application" "{\"requiredResourceAccess\":[$access]}"

say 'allowing sign-in with a device code'
send PATCH "/applications/$application" '{"isFallbackPublicClient":true}'

say 'allowing the tenants of customers to use the application'
send PATCH "/applications/$application" '{"signInAudience":"AzureADMultipleOrgs"}'

say 'enabling sign-in of the application'
send PATCH "/servicePrincipals/$principal" '{"accountEnabled":true}'

say 'removing the certificate CN=old'
keys=$(az rest --method GET --url "$graph/v1.0/applications/$application?\$select=keyCredentials" --resource "$graph" \
  --query 'keyCredentials[?keyId!='\''44444444-0000-4000-8000-000000000004'\'']' --output json)
send PATCH "/applications/$application" "{\"keyCredentials\":$keys}"

if [ -n "$(ask "/applications/$application?\$select=passwordCredentials" 'passwordCredentials[?keyId=='\''44444444-0000-4000-8000-000000000005'\''].keyId | [0]')" ]; then
  say 'removing the client secret old'
  send POST "/applications/$application/removePassword" '{"keyId":"44444444-0000-4000-8000-000000000005"}'
fi

trusts="/applications/$application/federatedIdentityCredentials"
trust=$(ask "$trusts" 'value[?name=='\''it\'\''s-old'\''].id | [0]')
if [ -n "$trust" ]; then
  say 'removing the federated credential it'\''s-old'
  send DELETE "$trusts/$trust"
fi

# the certificate and its key stand in this one file, which is auth.certificate.path of the connector
certificate=${CERTIFICATE_FILE:-./defender-siem.pem}
if [ ! -s "$certificate" ]; then
  say "making a certificate in $certificate"
  openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days 90 -subj /CN=defender-siem \
    -keyout "$certificate.key" -out "$certificate.half" 2>/dev/null
  cat "$certificate.key" >>"$certificate.half"
  rm "$certificate.key"
  mv "$certificate.half" "$certificate"
fi
say 'registering the certificate'
der=$(openssl x509 -in "$certificate" -outform DER | openssl base64 -A)
again add_certificate_once 'defender-siem 2026-11-02'

own_itself

grant 8ee8fdad-f234-4243-8f3b-15c294843740 'Incident.Read.All' # for source incident

revoke fc780465-2017-40d4-a0c5-307022471b92 'Alert.ReadWrite.All'

if ask '/servicePrincipals/99999999-0000-4000-8000-000000000009/appRoleAssignedTo/assignment-2' id >/dev/null 2>&1; then
  say 'taking back 88888888-0000-4000-8000-000000000008, which nothing needs'
  send DELETE '/servicePrincipals/99999999-0000-4000-8000-000000000009/appRoleAssignedTo/assignment-2'
fi

say "the application (client) id, auth.clientId of the connector, is $app_id"
printf '%s\n' "$app_id"
