cat > ~/sftc/job.json <<'SFTC_PAYLOAD'
{payload}SFTC_PAYLOAD
mkdir -p ~/sftc/bucket/models
~/sftc/venv/bin/python -P -m sftc.training.nodes ~/sftc/job.json \
  --sha256 {digest} \
  --training ~/sftc/{training_name} \
  --validation ~/sftc/{validation_name} \
  --models ~/sftc/bucket/models \
  --folder ~/sftc/{name} \
  --keep ~/sftc/bucket/{name}
