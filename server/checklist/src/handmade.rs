//! A repro folder as people write them by hand, with everything that is wrong in such ones.

use std::collections::BTreeSet;

use crate::Config;
use crate::testing::Case;

#[test]
fn a_copied_test_under_a_script_with_a_dead_tail() {
    let case = Case::parse(
        "//- run_test.sh\n#!/bin/bash\nset -e\nexport TOP=/home/alice/top\nexport MODE=${MODE:-slow}\ncd tests\npytest test_gather.py -v\nRESULT=$?\nexit $RESULT\n//- tests/test_gather.py\nimport os\nimport pytest\n\n@pytest.mark.parametrize(\"n\", [1, 2])\ndef test_a(n):\n    for i in range(n):\n        assert i == 0\n\ndef test_b():\n    assert 1 == 2\n//- README.md\n# Gather\n\n## Original Failure\n\n- **Error**: <exact error message>\n//- logs/ci.log\n##[group]Run pytest tests/test_gather.py\npytest tests/test_gather.py\nshell: /usr/bin/bash -e {0}\nenv:\n  MODE: slow\n  ARCH: wh\n##[endgroup]\n=================================== FAILURES ===================================\n____________________________________ test_a ____________________________________\n    def test_a():\n>       assert 1111 == 2222\nE       assert 1111 == 2222\ntests/test_gather.py:2: AssertionError\n=========================== short test summary info ============================\nFAILED tests/test_gather.py::test_a - assert 1111 == 2222\n============================== 1 failed in 0.01s ===============================\n",
    );
    let found: BTreeSet<&str> = case
        .findings(&Config::all())
        .iter()
        .map(|it| it.rule.id)
        .collect();
    let planted = [
        "ENV001", "ENV002", "ENV004", "ENV005", "RUN006", "RUN008", "RUN009", "RUN010", "TST001",
        "TST003", "TST004", "TST005", "TST006", "TST007", "TST011", "DOC002", "DOC003", "DOC004",
        "VER001",
    ];
    for id in planted {
        assert!(found.contains(id), "{id} is not among {found:?}");
    }
    for id in [
        "ENV003", "RUN001", "RUN003", "RUN005", "TST008", "TST013", "LOG001", "LOG002",
    ] {
        assert!(!found.contains(id), "{id} is found: {found:?}");
    }
}
