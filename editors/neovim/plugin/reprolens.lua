if vim.g.loaded_reprolens then
  return
end
vim.g.loaded_reprolens = true

vim.api.nvim_create_user_command('Reprolens', function(args)
  require('reprolens').command(args.fargs)
end, {
  nargs = '*',
  desc = 'Reprolens: generate, verify, run, minimize, env, failures, fix, cancel',
  complete = function(lead, line)
    if line:match('^%s*%S+%s+%S+%s') then -- the word after the command's name
      return vim.fn.getcompletion(lead, 'file')
    end
    return vim.tbl_filter(function(name)
      return vim.startswith(name, lead)
    end, require('reprolens').names())
  end,
})

if vim.g.reprolens_autostart ~= false then
  require('reprolens').setup()
end
