#!/usr/bin/env bash
# A nightly run as a data team writes it: fetch and crunch fifteen data sets, optimise, validate, report.
set -euo pipefail

marks=$PWD/marks
export DATASET=nightly
mkdir -p work/BTC work/ETH work/SOL

pueue group add fetch 2>/dev/null || true
pueue group add fetch 2>/dev/null || echo "fetch exists"
pueue parallel 3 --group fetch
pueue group add --parallel 2 crunch
pueue group

# Fifteen data sets. A job appends one line to the marks and writes one file into its working directory.
ids=()
for symbol in BTC ETH SOL; do
    for window in 250 500 750 1000 1250; do
        group=fetch
        [ "$window" -ge 1000 ] && group=crunch
        export WINDOW=$window
        ids+=("$(pueue add -g "$group" --label "$symbol@$window" -w "work/$symbol" -p -- \
            "echo '$symbol@$window' >> '$marks'; sleep 0.3;" \
            'echo "$(basename "$PWD") $DATASET $WINDOW $PUEUE_GROUP" | tee "$WINDOW.csv"')")
    done
done
echo "ids: ${ids[*]}"

# Only when all of them are done: optimise, then validate.
optimize=$(pueue add --print-task-id -g crunch --label optimize-table --after "${ids[@]}" \
    --working-directory work -- "echo optimize >> '$marks'; cat */*.csv | sort > table; wc -l < table")
validate=$(pueue add --print-task-id -g crunch --label validate --after "$optimize" \
    --working-directory work -- "echo validate >> '$marks'; grep -c nightly table")

# A chain whose first member fails: what depends on it never runs.
broken=$(pueue add -p -g fetch --label broken -- "echo broken >> '$marks'; echo no such table >&2; exit 3")
repair=$(pueue add -p -g fetch --label repair --after "$broken" -- "echo repair >> '$marks'")
publish=$(pueue add -p -g fetch --label publish --after "$repair" "$validate" -- "echo publish >> '$marks'")

# One kept for later, one in two seconds, one at once.
pueue add --stashed --label kept --priority 5 -- "echo kept >> '$marks'"
pueue add --delay 2s --label late --group crunch -- "echo late >> '$marks'; echo late"
pueue add --immediate --label now -- "echo now >> '$marks'; echo now"
late=$(pueue status --json | jq -r '.tasks[] | select(.label == "late") | .id')

pueue wait --quiet --group fetch
pueue wait --quiet "$optimize" "$validate" "$late"
pueue wait --quiet --group crunch
pueue wait "$validate" && echo "wait says $?"
pueue wait --status success "$broken" || echo "wait says $?"

echo "--- states"
pueue status --json | jq -r '[.tasks[].status
    | if has("Done") then "Done " + (.Done.result | if type == "object" then tojson else . end)
      else keys[0] end] | group_by(.)[] | "\(length) \(.[0])"'
pueue status --json | jq -c '.groups'
pueue status --json | jq -c --argjson id "$publish" '.tasks[] | select(.id == $id) | .dependencies'
pueue status --json | jq '[.tasks[] | select(.status.Done.result != "Success")] | length'

echo "--- logs"
pueue log --json "${ids[@]}" | jq -r 'to_entries[] | "\(.key) \(.value.task.label) \(.value.output)"'
pueue log --json "$broken" | jq -c '.[] | [.task.status.Done.result, .output]'
pueue log "$validate"
pueue log "$repair" || echo "log says $?"

echo "--- status"
pueue status
pueue status --group crunch

echo "--- clean"
pueue clean --successful-only --group crunch
pueue status --json | jq -r '.tasks | keys_unsorted | join(" ")'
pueue clean
pueue status
pueue enqueue "$(pueue status --json | jq -r '.tasks | keys[0]')"
pueue wait --quiet
pueue clean
pueue group remove fetch
pueue group remove crunch
pueue status

echo "--- marks"
sort "$marks"
