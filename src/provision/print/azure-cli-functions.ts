/** The shell functions that the scripts are made of, each with the ones that it calls before it. */
const functions: readonly { readonly name: string; readonly text: string }[] = [
  {
    name: 'say',
    text: `
say() {
  printf '%s\\n' "$1" >&2
}`,
  },
  {
    name: 'again',
    text: `
# again COMMAND…: for a minute, since not all parts of the directory know at once what was just made
again() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 12 ]; then return 1; fi
    sleep "\${WAIT_SECONDS:-5}"
  done
}`,
  },
  {
    name: 'ask',
    text: `
# ask PATH QUERY: what of Graph's answer the JMESPath query takes; nothing where there is none
ask() {
  answer=$(az rest --method GET --url "$graph/v1.0$1" --resource "$graph" --query "$2" --output tsv) || return 1
  if [ "$answer" != None ]; then printf '%s' "$answer"; fi
}`,
  },
  {
    name: 'known',
    text: `
# known PATH QUERY: as ask, but something must be there
known() {
  something=$(ask "$1" "$2") && [ -n "$something" ] && printf '%s' "$something"
}`,
  },
  {
    name: 'send_once',
    text: `
send_once() {
  if [ $# -gt 2 ]; then
    az rest --method "$1" --url "$graph/v1.0$2" --resource "$graph" --headers Content-Type=application/json \\
      --body "$3" --output none
  else
    az rest --method "$1" --url "$graph/v1.0$2" --resource "$graph" --output none
  fi
}`,
  },
  {
    name: 'send',
    text: `
# send METHOD PATH [BODY]: a change that may be made twice
send() {
  again send_once "$@"
}`,
  },
  {
    name: 'make',
    text: `
# make PATH BODY: the id of what is made; once, since it must not be made twice
make() {
  az rest --method POST --url "$graph/v1.0$1" --resource "$graph" --headers Content-Type=application/json \\
    --body "$2" --query id --output tsv
}`,
  },
  {
    name: 'principal_of',
    text: `
# principal_of APP_ID: the id of its service principal; nothing where there is none
principal_of() {
  ask "/servicePrincipals?\\$filter=appId%20eq%20'$1'&\\$select=id" 'value[0].id'
}`,
  },
  {
    name: 'make_principal_once',
    text: `
make_principal_once() {
  one=$(principal_of "$1") || return 1
  if [ -z "$one" ]; then one=$(make /servicePrincipals "{\\"appId\\":\\"$1\\"}") || return 1; fi
  printf '%s' "$one"
}`,
  },
  {
    name: 'make_principal',
    text: `
# make_principal APP_ID: the id of its service principal, made where there is none
make_principal() {
  again make_principal_once "$1"
}`,
  },
  {
    name: 'permission_id',
    text: `
# permission_id APP_ID LIST NAME: the id that a permission of a resource has
permission_id() {
  again known "/servicePrincipals(appId='$1')?\\$select=$2" "$2[?value=='$3'].id | [0]" || {
    say "the resource $1 offers no permission $3"
    return 1
  }
}`,
  },
  {
    name: 'grant_once',
    text: `
grant_once() {
  granted=$(ask "/servicePrincipals/$principal/appRoleAssignments" \\
    "value[?appRoleId=='$role' && resourceId=='$resource'].id | [0]") || return 1
  if [ -n "$granted" ]; then return 0; fi
  send_once POST "/servicePrincipals/$resource/appRoleAssignedTo" \\
    "{\\"principalId\\":\\"$principal\\",\\"resourceId\\":\\"$resource\\",\\"appRoleId\\":\\"$role\\"}"
}`,
  },
  {
    name: 'grant',
    text: `
# grant APP_ID NAME: admin consent to an application permission
grant() {
  say "granting $2"
  resource=$(again known "/servicePrincipals(appId='$1')?\\$select=id" id)
  role=$(permission_id "$1" appRoles "$2")
  again grant_once
}`,
  },
  {
    name: 'grant_delegated_once',
    text: `
grant_delegated_once() {
  granted=$(ask "/oauth2PermissionGrants?\\$filter=clientId%20eq%20'$principal'" \\
    "value[?resourceId=='$resource' && consentType=='AllPrincipals'].id | [0]") || return 1
  if [ -n "$granted" ] && [ -n "$1" ]; then
    send_once PATCH "/oauth2PermissionGrants/$granted" "{\\"scope\\":\\"$1\\"}"
  elif [ -n "$granted" ]; then
    send_once DELETE "/oauth2PermissionGrants/$granted"
  elif [ -n "$1" ]; then
    send_once POST /oauth2PermissionGrants \\
      "{\\"clientId\\":\\"$principal\\",\\"consentType\\":\\"AllPrincipals\\",\\"resourceId\\":\\"$resource\\",\\"scope\\":\\"$1\\"}"
  fi
}`,
  },
  {
    name: 'grant_delegated',
    text: `
# grant_delegated APP_ID NAMES: admin consent to delegated permissions, in place of those granted so far
grant_delegated() {
  say "granting to signed-in persons: $2"
  resource=$(again known "/servicePrincipals(appId='$1')?\\$select=id" id)
  again grant_delegated_once "$2"
}`,
  },
  {
    name: 'revoke',
    text: `
# revoke APP_ID NAME: takes back an application permission
revoke() {
  resource=$(principal_of "$1")
  role=$(permission_id "$1" appRoles "$2")
  granted=$(ask "/servicePrincipals/$principal/appRoleAssignments" \\
    "value[?appRoleId=='$role' && resourceId=='$resource'].id | [0]")
  if [ -z "$granted" ]; then return 0; fi
  say "taking back $2, which nothing needs"
  send DELETE "/servicePrincipals/$resource/appRoleAssignedTo/$granted"
}`,
  },
  {
    name: 'own_itself_once',
    text: `
own_itself_once() {
  owner=$(ask "/applications/$application/owners?\\$select=id" "value[?id=='$principal'].id | [0]") || return 1
  if [ -n "$owner" ]; then return 0; fi
  send_once POST "/applications/$application/owners/\\$ref" \\
    "{\\"@odata.id\\":\\"$graph/v1.0/directoryObjects/$principal\\"}"
}`,
  },
  {
    name: 'own_itself',
    text: `
own_itself() {
  say 'making the application its own owner, so that it can renew its credential'
  again own_itself_once
}`,
  },
  {
    name: 'add_certificate_once',
    text: `
add_certificate_once() {
  path="/applications/$application?\\$select=keyCredentials"
  registered=$(ask "$path" "keyCredentials[?key=='$der'].keyId | [0]") || return 1
  if [ -n "$registered" ]; then return 0; fi
  # the array replaces all: those there are stay as they were read
  keys=$(az rest --method GET --url "$graph/v1.0$path" --resource "$graph" --query keyCredentials --output json) || return 1
  keys=\${keys#?}
  keys=\${keys%?}
  case $keys in *\\{*) keys="$keys," ;; *) keys= ;; esac
  send_once PATCH "/applications/$application" \\
    "{\\"keyCredentials\\":[$keys{\\"type\\":\\"AsymmetricX509Cert\\",\\"usage\\":\\"Verify\\",\\"displayName\\":\\"$1\\",\\"key\\":\\"$der\\"}]}"
}`,
  },
];

/** Returns the lines of the functions that a script needs, and of those that they need. */
export function functionsFor(script: readonly string[]): readonly string[] {
  const texts = [script.join('\n')];
  const needed = new Set<string>();
  for (const text of texts) {
    for (const { name, text: own } of functions) {
      if (needed.has(name) || !new RegExp(`(?<![\\w'"])${name}(?![\\w'"])`).test(text)) continue;
      needed.add(name);
      texts.push(own);
    }
  }
  return functions.filter(({ name }) => needed.has(name)).flatMap(({ text }) => text.split('\n'));
}
