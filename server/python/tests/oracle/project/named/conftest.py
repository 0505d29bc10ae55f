def pytest_make_parametrize_id(config, val, argname):
    return f"{argname}={val}"
def pytest_generate_tests(metafunc):
    if "arch" in metafunc.fixturenames:
        metafunc.parametrize("arch", ["wormhole", "grayskull"], scope="session")
