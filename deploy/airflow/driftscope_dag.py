"""A run of each case every night. What fired is told by the case's own alert rules; the task fails only where a run could not."""

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

CASES = ("loans", "fraud")

with DAG(
    dag_id="driftscope",
    schedule="15 4 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10), "execution_timeout": timedelta(hours=6)},
):
    for case in CASES:
        BashOperator(
            task_id=f"run_{case}",
            # Exit 1 says that something fired, which is no failure of the task. The last line, JSON, is what the task hands on.
            bash_command=f"driftscope run /srv/driftscope/cases/{case} --out /srv/driftscope/metrics --quiet || [ $? -eq 1 ]",
        )
