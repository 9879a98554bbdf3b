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
cd "$(dirname "$0")/assets"

credentials() { # as a line of curl's configuration: they do not stand on the command line
  if [ -n "${ES_API_KEY:-}" ]; then
    printf 'header = "Authorization: ApiKey %s"\n' "$ES_API_KEY"
  else
    printf 'user = "%s"\n' "$ES_AUTH"
  fi
}

request() { # method, URL, further options of curl
  method=$1 url=$2
  shift 2
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

delete() { # path; what is not there is no fault
  echo "DELETE $1"
  request DELETE "$ES_URL/$1" || true
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
  ;;
*)
  sed -n '2,13s/^# \{0,1\}//p' "$0" 2>/dev/null || sed -n '2,13s/^# \{0,1\}//p' ../install.sh
  exit 2
  ;;
esac
