# Write what the workers do in the next seconds to profile.txt.
py-spy record --subprocesses --pid "$(cat gunicorn.pid)" \
    --duration "${1:-30}" --format raw --output profile.txt
