# Shared by .ci/run and .ci/full: counts steps and tests, starts the services, and selects the Node version.
# Source it from the root of the checkout.
set -uo pipefail

passed=0
failed=0
skipped=0
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

NODES=${CI_NODES_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/gatehouse-ci}

step() { # step <name> <command…>: one check that passes or fails as a whole
  local name=$1 started=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf '!! %s failed\n' "$name"
  fi
  printf -- '-- %s: %d s\n' "$name" $((SECONDS - started))
}

suite() { # suite <name> <jest arguments…>: counts each test, and names the tests that were skipped
  local name=$1 report="$reports/$1.json" started=$SECONDS status counts good bad left
  shift
  printf '\n== tests, %s, Node %s\n' "$name" "$(node --version)"
  npm test --silent -- --json --outputFile="$report" "$@"
  status=$?
  counts=$(node -e '
    const report = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    const tests = report.testResults.flatMap((file) => file.assertionResults);
    for (const test of tests) if (!["passed", "failed"].includes(test.status)) console.error(`skipped: ${test.fullName}`);
    const broken = report.testResults.filter((file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"));
    console.log(report.numPassedTests, report.numFailedTests + broken.length, report.numPendingTests + report.numTodoTests);
  ' "$report") || counts="0 1 0"
  read -r good bad left <<<"$counts"
  [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
  passed=$((passed + good))
  failed=$((failed + bad))
  skipped=$((skipped + left))
  printf -- '-- %s, Node %s: %d passed, %d failed, %d skipped, %d s\n' "$name" "$(node --version)" "$good" "$bad" "$left" $((SECONDS - started))
}

on_node() { # on_node <major> <command…>: runs the command with that major version of Node first on the PATH
  local major=$1 bin
  shift
  if [ "$(node -p 'process.versions.node.split(".")[0]')" = "$major" ]; then
    "$@"
    return
  fi
  bin="$NODES/node$major/node_modules/node/bin"
  [ -x "$bin/node" ] || npm install --prefix "$NODES/node$major" --no-audit --no-fund --loglevel=error "node@$major"
  if ! [ "$("$bin/node" -p 'process.versions.node.split(".")[0]')" = "$major" ]; then
    failed=$((failed + 1))
    printf '!! Node %s cannot be installed\n' "$major"
    return
  fi
  local path=$PATH
  PATH="$bin:$PATH"
  "$@"
  PATH=$path
}

on_postgres() { # on_postgres <command…>: the tests use PostgreSQL and Redis instead of the embedded defaults
  local TEST_DATABASE_URL=${TEST_DATABASE_URL:-postgres://postgres@127.0.0.1:5432/postgres}
  local TEST_REDIS_URL=${TEST_REDIS_URL:-redis://127.0.0.1:6379}
  export TEST_DATABASE_URL TEST_REDIS_URL
  "$@"
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

install_packages() { as_root apt-get update -qq && as_root apt-get install -y -qq "$@" >/dev/null; }

need_postgres() {
  (exec 3<>/dev/tcp/127.0.0.1/5432) 2>/dev/null && return
  command -v pg_ctlcluster >/dev/null || install_packages postgresql
  local version
  version=$(ls /etc/postgresql | sort -n | tail -1)
  as_root sed -i 's/^\(host.*127\.0\.0\.1\/32\s*\).*/\1trust/' "/etc/postgresql/$version/main/pg_hba.conf"
  as_root pg_ctlcluster --skip-systemctl-redirect "$version" main start
}

need_redis() {
  (exec 3<>/dev/tcp/127.0.0.1/6379) 2>/dev/null && return
  command -v redis-server >/dev/null || install_packages redis-server
  redis-server --daemonize yes --bind 127.0.0.1 --port 6379 --save '' --appendonly no >/dev/null
}

need_chromium() { # the suites in test/browser need it
  command -v chromium >/dev/null || [ -n "${CHROMIUM_PATH:-}" ] && return
  install_packages chromium
}

prepare() { # installs dependencies and services, and runs the checks that need no database
  npm ci --no-audit --no-fund --loglevel=error || {
    echo '0 passed, 1 failed'
    exit 1
  }
  npm run --silent typecheck & # takes one processor, as lint does
  local types=$!
  step lint npm run --silent lint
  step types wait "$types"
  step build npm run --silent build
  need_chromium
  need_postgres
  need_redis
}

conclude() {
  [ "$skipped" -gt 0 ] && printf '\n%d tests were skipped; they are named above.\n' "$skipped"
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
