"""What every REST interface shares. It knows no app but `access`."""
