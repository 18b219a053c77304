#!/usr/bin/env bash
# The first calls with curl: stores a provider key, creates a virtual key for it, and calls models with the virtual key.
#
#   GATEHOUSE_URL=http://localhost:9000 GATEHOUSE_API_KEY=arch_api_… OPENAI_API_KEY=sk-… bash examples/curl.sh
#
# GATEHOUSE_API_KEY is an admin API key; the first start of the gateway prints one.
set -eu

: "${GATEHOUSE_URL:?}" "${GATEHOUSE_API_KEY:?}" "${OPENAI_API_KEY:?}"
MODEL=${MODEL:-gpt-5.4-mini}

# request CREDENTIAL PATH [OPTIONS OF CURL…]: fails when the gateway refuses the request.
request() {
  credential=$1
  path=$2
  shift 2
  curl --fail-with-body -sS "$GATEHOUSE_URL$path" \
    -H "Authorization: Bearer $credential" -H 'Content-Type: application/json' "$@"
}

# create PATH BODY: calls the admin API.
create() {
  response=$(request "$GATEHOUSE_API_KEY" "$1" -d "$2") || { echo "$response" >&2 && exit 1; }
  echo "$response"
}

# field NAME: prints the first string member with this name of the JSON on standard input.
field() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

echo '# Store a provider key'
PROVIDER_KEY=$(create /api/llm-provider-api-keys \
  '{"name": "OpenAI", "provider": "openai", "apiKey": "'"$OPENAI_API_KEY"'", "scope": "org"}')
PROVIDER_KEY_ID=$(echo "$PROVIDER_KEY" | field id)
echo "$PROVIDER_KEY_ID"

echo '# Create a virtual key that is mapped to it; the response shows its value once'
VIRTUAL_KEY=$(create /api/llm-virtual-keys \
  '{"name": "curl", "providerApiKeys": [{"provider": "openai", "providerApiKeyId": "'"$PROVIDER_KEY_ID"'"}]}')
KEY=$(echo "$VIRTUAL_KEY" | field value)
echo "$KEY"

MESSAGES='[{"role": "user", "content": "Say hello."}]'

echo "# Call the provider's own API"
request "$KEY" /v1/openai/chat/completions -d '{"model": "'"$MODEL"'", "messages": '"$MESSAGES"'}'

echo '# Call the Model Router, one base URL for all providers'
request "$KEY" /v1/model-router/chat/completions -d '{"model": "openai:'"$MODEL"'", "messages": '"$MESSAGES"'}'

echo '# Stream: -N prints each event as it arrives'
request "$KEY" /v1/model-router/chat/completions -N \
  -d '{"model": "openai:'"$MODEL"'", "stream": true, "messages": '"$MESSAGES"'}'

echo '# List the models that the key reaches'
request "$KEY" /v1/model-router/models
echo
