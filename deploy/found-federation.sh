#!/bin/sh
# Founds the federation of compose.yaml: five homes, one charter, the users of the NATS server. Does nothing the second time.
#   found-federation <directory of the homes> <directory of users.conf>
set -eu
homes=$1
nats=$2

if [ -e "$homes/charter.json" ]; then
  echo "$homes/charter.json is there; nothing to do"
  exit 0
fi

# a home left by a run that was cut off
for name in lab academic regulator verifier-a verifier-b; do rm -rf "${homes:?}/$name"; done

# home <name> <organisation> <roles>
home() {
  oversight init --home "$homes/$1" --name "$1" --organisation "$2" --roles "$3" \
    --listen /ip4/0.0.0.0/tcp/4001 --nats nats://nats:4222 --nkey --gateway-host 0.0.0.0 --gateway-port 7710
}
home lab 'Example Lab' lab,witness
home academic 'Example University' academic,witness
home regulator 'Example Regulator' regulator,witness
home verifier-a 'Verifier North' verifier
home verifier-b 'Verifier South' verifier

# when a message was known is established once two of the three kinds of organisation have seen it
cat > "$homes/policy.json" <<'POLICY'
{
  "witness": {
    "outside": [],
    "groups": [
      { "name": "labs", "threshold": 1, "members": ["lab"] },
      { "name": "academics", "threshold": 1, "members": ["academic"] },
      { "name": "regulators", "threshold": 1, "members": ["regulator"] },
      { "name": "two-kinds", "threshold": 2, "members": ["labs", "academics", "regulators"] }
    ],
    "quorum": "two-kinds"
  }
}
POLICY

oversight charter create --name 'Example federation' --quorum 2 --policy "$homes/policy.json" \
  --member "$homes/lab/member.json" "$homes/academic/member.json" "$homes/regulator/member.json" \
    "$homes/verifier-a/member.json" "$homes/verifier-b/member.json" \
  --out "$homes/charter.new"
for name in lab academic regulator verifier-a verifier-b; do
  oversight join --home "$homes/$name" --charter "$homes/charter.new"
done
oversight charter nats-users "$homes/charter.new" > "$nats/users.conf"
# last: with it the work counts as done
mv "$homes/charter.new" "$homes/charter.json"
