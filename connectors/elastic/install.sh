#!/bin/sh
# Puts this folder's content into Elasticsearch and Kibana, or takes it out again. Run it as often as you like.
#
#   ES_URL=https://es.example:9200 ES_AUTH=elastic:PASSWORD ./install.sh install
#   ES_URL=… ES_AUTH=… ./install.sh api-key       prints a key for the sink, once
#   ES_URL=… ES_AUTH=… ./install.sh ilm           lets ILM manage retention in place of the data stream lifecycle
#   KIBANA_URL=… ES_AUTH=… ./install.sh rules     imports the detection rules, not yet enabled
#   KIBANA_URL=… ES_AUTH=… ./install.sh dashboard imports the dashboard, with its data view and searches
#   ES_URL=… ES_AUTH=… ./install.sh uninstall     templates and pipeline; data streams are kept
#
# ES_API_KEY=ENCODED in place of ES_AUTH: a key of an administrator. ES_CA: file of a private root. KIBANA_SPACE: a space
# other than the default one.
set -eu
case "${ES_CA:-}" in
'' | /*) ;;
*) ES_CA="$PWD/$ES_CA" ;;
esac
cd "$(dirname "$0")/assets"

quoted() { # text, as a value of curl's configuration
  printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"
}

credentials() { # as a line of curl's configuration: they do not stand on the command line
  if [ -n "${ES_API_KEY:-}" ]; then
    printf 'header = %s\n' "$(quoted "Authorization: ApiKey $ES_API_KEY")"
  else
    printf 'user = %s\n' "$(quoted "$ES_AUTH")"
  fi
}

request() { # method, URL, further options of curl
  method=$1 url=$2
  shift 2
  if [ -z "${ES_API_KEY:-}${ES_AUTH:-}" ]; then
    echo 'set ES_AUTH or ES_API_KEY' >&2
    exit 1
  fi
  credentials |
    curl --config - --fail-with-body --silent --show-error --request "$method" ${ES_CA:+--cacert "$ES_CA"} "$@" "$url"
  echo
}

put() { # path, file
  echo "PUT $1"
  request PUT "$ES_URL/$1" --header 'Content-Type: application/json' --data-binary "@$2"
}

import() { # path below Kibana's /api, file
  request POST "$KIBANA_URL${KIBANA_SPACE:+/s/$KIBANA_SPACE}/api/$1?overwrite=true" --header 'kbn-xsrf: true' --form "file=@$2"
}

refused=0
delete() { # path; what is not there, or has no place on serverless, is no fault
  echo "DELETE $1"
  answer=$(request DELETE "$ES_URL/$1") || case "$answer" in
  *'"status":404'* | *'"status":410'*) ;;
  *) refused=1 ;;
  esac
  echo "$answer"
}

case "${1:-}" in
install)
  put _ingest/pipeline/microsoft_defender@pipeline ingest-pipeline.json
  put _component_template/microsoft_defender@mappings component-template-mappings.json
  put _component_template/microsoft_defender@settings component-template-settings.json
  put _index_template/logs-microsoft_defender index-template.json
  ;;
ilm)
  put _ilm/policy/microsoft_defender ilm-policy.json
  put _component_template/microsoft_defender@ilm component-template-ilm.json
  ;;
api-key)
  request POST "$ES_URL/_security/api_key" --header 'Content-Type: application/json' --data-binary @api-key.json
  ;;
rules)
  import detection_engine/rules/_import detection-rules.ndjson
  ;;
dashboard)
  import saved_objects/_import dashboard.ndjson
  ;;
uninstall)
  delete _index_template/logs-microsoft_defender
  delete _component_template/microsoft_defender@ilm
  delete _component_template/microsoft_defender@settings
  delete _component_template/microsoft_defender@mappings
  delete _ingest/pipeline/microsoft_defender@pipeline
  delete _ilm/policy/microsoft_defender
  exit "$refused"
  ;;
*)
  sed -n '2,13s/^# \{0,1\}//p' "$0" 2>/dev/null || sed -n '2,13s/^# \{0,1\}//p' ../install.sh
  exit 2
  ;;
esac
